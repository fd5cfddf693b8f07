"""What a pull request may bring that is meant for the machine and not for the reader."""

from support import *

# What a name may hold; none of it may act anywhere.
WORDS = [
    "a\n::error::pwned-name", "##[error]pwned-name", "`touch pwned`", "$(touch pwned)", "%0A::add-mask::pwned-name",
    "\r::set-output name=verdict::pass", "</details><script>pwned()</script>", "@acme/owners ![x](https://evil.example/x.png)",
    "\u202egnp.exe", "x" * 5000,
]


class Hostile(ActionTest):
    def pull(self, inputs=None, extra=None):
        self.checkout(self.sha["merge"], "refs/remotes/pull/7/merge", 2)
        environment = self.environment("pull_request", self.event("pull_request"), "refs/pull/7/merge", self.sha["merge"], extra)
        return self.run_action(environment, inputs)

    def nothing_was_run(self):
        self.assertEqual([str(path) for path in self.tmp.rglob("pwned")], [])

    def test_names(self):
        quoted = [json.dumps(word) for word in WORDS]
        self.make_origin(head=BAD + "".join(
            f'\n[tables.{word}]\nkind = "event"\nrow_size = "1kB"\n'
            f'\n[features.{word}]\nspec = {word}\nowner = {word}\n'
            f'calls = [{{ id = {word}, endpoint = "/route/", rate = "1/day" }}]\n' for word in quoted))
        run = self.pull({"sarif-file": f"{self.tmp}/out.sarif"})
        self.assertEqual((run.code, run.outputs["verdict"]), (1, "fail"), run)
        self.nothing_was_run()
        stop = re.search(r"(?m)^::stop-commands::([0-9a-f]{32})$", run.log).group(1)
        before, _, after = run.log.partition(f"::stop-commands::{stop}\n")
        _, _, after = after.partition(f"\n::{stop}::\n")
        for line in (before + after).splitlines():
            # A command of the new kind begins a line, one of the old kind stands anywhere in it.
            if line.lstrip().startswith("::"):
                self.assertRegex(line, r"^::(error|warning|notice) (file=[^:]*,)?title=caplint[^:]*::", line[:200])
            else:
                self.assertNotIn("##[", line)
        for text in (run.summary, self.api.comments[0]["body"]):
            # Code spans and blocks are text, whatever stands in them; tests/render parses them.
            self.assertNotRegex(re.sub(r"(?s)(`+)(?!`).+?(?<!`)\1(?!`)", "", text), r"<script|@acme|!\[")
            self.assertNotIn("\u202e", text)
            self.assertLess(len(text), 65_536)
        self.assertEqual(run.outputs["head-sha"], self.sha["merge"])

    def test_files(self):
        self.make_origin(head=BAD)
        git = self.origin
        git("checkout", "--quiet", "feature")
        for word in WORDS[:-1]:
            folder = git.folder / word.replace("/", "_")
            folder.mkdir()
            (folder / "capacity.toml").write_text("[[[ broken")
        self.sha["head"] = git.commit("names")
        git("checkout", "--quiet", "--detach", "main")
        git("merge", "--quiet", "--no-ff", "-m", "Merge 7", "feature")
        self.sha["merge"] = git("rev-parse", "HEAD")
        run = self.pull()
        self.assertEqual((run.code, run.outputs["verdict"]), (1, "fail"), run)
        self.assertNotRegex(run.log.replace("::stop-commands::", ""), r"(?m)^\s*::(set-output|add-mask|error::)")
        self.nothing_was_run()

    def test_a_folder_that_poses_as_a_repository(self):
        """Files may be laid out as a bare repository, with a configuration that runs programs, and
        with a history in which nothing is wrong."""
        for version, has_base in (("sha1", True), ("sha256", True), ("sha1", False)):
            shutil.rmtree(self.tmp / "author", ignore_errors=True)
            self.make_origin()
            git = self.origin
            git("checkout", "--quiet", "feature")
            fake = Git(git.folder / "sub")
            fake.folder.mkdir()
            fake("init", "--quiet", "--bare", f"--object-format={version}", "--initial-branch=main", ".")
            inside = Git(self.tmp / f"inside-{version}-{has_base}")
            inside.folder.mkdir()
            inside("init", "--quiet", f"--object-format={version}", "--initial-branch=main")
            inside.commit("innocent", capacity__toml=GOOD)
            inside("push", "--quiet", str(fake.folder), "HEAD:refs/heads/main",
                   *(["HEAD:refs/remotes/origin/main"] if has_base else []))
            fake("pack-refs", "--all")
            (fake.folder / "refs/.keep").write_text("")
            program = f"touch {self.tmp}/pwned"
            for key, value in (("core.fsmonitor", program), ("core.sshCommand", program), ("core.hooksPath", "."),
                               ("remote.origin.url", f"{self.origin.folder}"), ("remote.origin.uploadpack", f"{program}; git-upload-pack"),
                               ("core.bare", "false"), ("core.worktree", "..")):
                fake("config", key, value)
            self.sha["head"] = git.commit("a repository", **{"sub/capacity.toml": BAD})
            git("checkout", "--quiet", "--detach", "main")
            git("merge", "--quiet", "--no-ff", "-m", "Merge 7", "feature")
            self.sha["merge"] = git("rev-parse", "HEAD")
            run = self.pull({"working-directory": "sub"})
            self.nothing_was_run()
            self.assertEqual(run.outputs["verdict"], "error", run)
            self.assertNotEqual(run.code, 0, run)


if __name__ == "__main__":
    unittest.main()
