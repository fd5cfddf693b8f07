"""The action from end to end, for each kind of event."""

from support import *


class Events(ActionTest):
    def setUp(self):
        super().setUp()
        self.make_origin()

    def judge(self, name, commit, reference, depth, inputs=None, event=None, remote=None, extra=None, without=None):
        commit = self.sha[commit]
        git = self.checkout(commit, remote or reference, depth, without)
        environment = self.environment(name, self.event(event or name), reference, commit, extra)
        if name == "pull_request" and commit != self.sha["merge"]:
            environment["GITHUB_SHA"] = self.sha["merge"]
        return git, self.run_action(environment, inputs)

    def fails(self, run, base, head):
        self.assertEqual(run.code, 1, run)
        self.assertEqual(run.outputs["verdict"], "fail", run)
        self.assertEqual(run.outputs["new-findings"], "2", run)
        self.assertEqual(run.outputs["base-sha"], self.sha[base] if base else "", run)
        self.assertEqual(run.outputs["head-sha"], self.sha[head], run)
        report = json.loads(Path(run.outputs["report-json"]).read_text())
        rules = sorted(one["rule"] for one in report["projects"][0]["findings"] 
                       if one["state"] == "new" and one["severity"] != "info")
        self.assertEqual(rules, ["over-limit", "table-without-retention"], run)
        self.assertTrue(run.summary.startswith("### ❌ Capacity check failed: "), run)
        self.assertNotIn("<!-- caplint", run.summary)
        self.assertIn(f"https://github.com/acme/shop/blob/{self.sha[head]}/capacity.toml#L", run.summary)
        annotations = re.findall(r"(?m)^::error file=capacity\.toml,line=\d+.*title=caplint ([a-z-]+)", run.log)
        self.assertEqual(sorted(annotations), rules, run)
        self.assertTrue(Path(run.outputs["comment-body"]).read_text().startswith("<!-- caplint:default "))

    def test_pull_request_merge_commit_of_depth_2(self):
        git, run = self.judge("pull_request", "merge", "refs/pull/7/merge", 2, remote="refs/remotes/pull/7/merge")
        self.fails(run, "main", "merge")
        self.assertNotIn("fetching", run.log, "a depth of 2 is enough")
        self.assertIn("its merge commit", run.summary)
        (comment,) = self.api.comments
        self.assertTrue(comment["body"].startswith(
            f"<!-- caplint:default {self.sha['head']} run 101.1 -->\n### ❌ Capacity check failed: "), comment)
        self.assertFalse((self.workspace / "pwned").exists())

    def test_pull_request_merge_commit_of_depth_1(self):
        git, run = self.judge("pull_request", "merge", "refs/pull/7/merge", 1, remote="refs/remotes/pull/7/merge")
        self.fails(run, "main", "merge")
        self.assertIn(f"fetching {self.sha['main']}", run.log)
        self.assertEqual(git("rev-parse", "--is-shallow-repository"), "true")

    def test_pull_request_head_checked_out(self):
        for depth in (1, 2):
            git, run = self.judge("pull_request", "head", "refs/pull/7/merge", depth, remote="refs/remotes/pull/7/head")
            self.fails(run, "start", "head")
        self.assertEqual(len(self.api.comments), 1, "the second run updates the first one's comment")

    def test_a_full_clone_stays_full(self):
        git, run = self.judge("pull_request", "head", "refs/pull/7/merge", 0, remote="refs/remotes/pull/7/head")
        self.fails(run, "start", "head")
        self.assertEqual(git("rev-parse", "--is-shallow-repository"), "false")
        self.assertEqual(git("rev-list", "--count", "HEAD"), "5")
        git("update-ref", "-d", "refs/remotes/origin/main")
        environment = self.environment("pull_request", self.event("pull_request"), "refs/pull/7/merge", self.sha["merge"])
        run = self.run_action(environment)
        self.fails(run, "start", "head")
        self.assertEqual(git("rev-parse", "--is-shallow-repository"), "false")

    def test_partial_clone(self):
        for without in ("blob:none", "tree:0"):
            for event, commit, depth, remote, base in (
                ("pull_request", "merge", 2, "refs/remotes/pull/7/merge", "main"),
                ("pull_request", "merge", 1, "refs/remotes/pull/7/merge", "main"),
                ("pull_request", "head", 1, "refs/remotes/pull/7/head", "start"),
                ("push", "head", 1, "refs/remotes/origin/feature", "start"),
            ):
                reference = "refs/heads/feature" if event == "push" else "refs/pull/7/merge"
                git, run = self.judge(event, commit, reference, depth, remote=remote, without=without)
                self.fails(run, base, commit)
                self.assertRegex(run.log, "fetching [12] capacity files that the checkout left out")
                self.assertFalse((self.workspace / "capacity.toml").exists())

    def test_partial_clone_with_a_link(self):
        folder = self.origin.folder
        (folder / "capacity.toml").rename(folder / "team.toml")
        (folder / "capacity.toml").symlink_to("team.toml")
        self.sha["main"] = self.origin.commit("a link", other__txt="1\n")
        self.sha["merge"] = self.origin.commit("more", other__txt="2\n", team__toml=BAD + "# more\n")
        git, run = self.judge("pull_request", "merge", "refs/pull/7/merge", 2,
                              remote="refs/remotes/pull/7/merge", without="blob:none")
        self.assertIn("fetching what the checkout left out", run.log)
        self.assertIn(run.code, (0, 1), run)
        report = json.loads(Path(run.outputs["report-json"]).read_text())
        self.assertEqual(report["comparison"]["unread"], {"base": 0, "head": 0}, run)

    def test_push(self):
        for depth in (1, 0):
            git, run = self.judge("push", "head", "refs/heads/feature", depth, remote="refs/remotes/origin/feature")
            # With all that the branch adds: the push before this one is not forgotten.
            self.fails(run, "start", "head")
            self.assertEqual(self.api.log, [], "a push has no pull request, and nobody is asked for one")

    def test_push_of_a_new_branch(self):
        git, run = self.judge("push", "head", "refs/heads/feature", 1, event="push_new_branch",
                              remote="refs/remotes/origin/feature")
        self.fails(run, "start", "head")

    def test_first_push_of_the_default_branch(self):
        git, run = self.judge("push", "head", "refs/heads/main", 1, event="push_first", remote="refs/remotes/origin/main")
        self.fails(run, None, "head")

    def test_merge_group(self):
        reference = f"refs/heads/gh-readonly-queue/main/pr-7-{self.sha['main']}"
        git, run = self.judge("merge_group", "merge", reference, 1, remote="refs/remotes/origin/queue")
        self.fails(run, "main", "merge")
        self.assertEqual(self.api.log, [])

    def test_started_by_hand_on_a_branch(self):
        git, run = self.judge("workflow_dispatch", "head", "refs/heads/feature", 1, remote="refs/remotes/origin/feature")
        self.fails(run, "start", "head")

    def test_started_by_the_clock(self):
        git, run = self.judge("schedule", "main", "refs/heads/main", 1, remote="refs/remotes/origin/main")
        # Nothing changed since the branch is the default one: there is nothing to compare.
        self.assertEqual((run.code, run.outputs["verdict"], run.outputs["new-findings"]), (3, "error", "0"), run)
        self.assertNotIn("### ✅", run.summary)

    def test_no_base_is_no_pass(self):
        commit = self.sha["merge"]
        git = self.checkout(commit, "refs/remotes/pull/7/merge", 1)
        git("remote", "set-url", "origin", f"file://{self.tmp}/gone")
        self.api.add(f"<!-- caplint:default {self.sha['main']} run 1.1 -->\n### ✅ Passes")
        run = self.run_action(self.environment("pull_request", self.event("pull_request"), "refs/pull/7/merge", commit))
        self.assertEqual((run.code, run.outputs["verdict"], run.outputs["report-json"]), (3, "error", ""), run)
        self.assertIn("could not judge this change", run.summary)
        self.assertIn("    error: HEAD^1 is not in this shallow clone", run.summary)
        self.assertRegex(run.log, r"(?m)^::error title=caplint::no verdict, exit code 3")
        self.assertIn("could not judge", self.api.comments[0]["body"], "what it said before is no longer so")

    def test_a_crash_and_a_missing_report_are_no_pass(self):
        for script, code in (("exit 101", 101), ("exit 0", 70)):
            binary = self.binary
            binary.unlink()
            binary.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exit 0\n{script}\n')
            binary.chmod(0o755)
            git, run = self.judge("push", "head", "refs/heads/feature", 0)
            self.assertEqual((run.code, run.outputs["verdict"]), (code, "error"), run)


class Inputs(Events):
    """Each input does what it says; the cases of the events are not run again."""

    def pull(self, **inputs):
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self.judge("pull_request", "merge", "refs/pull/7/merge", 2, inputs, remote="refs/remotes/pull/7/merge")[1]

    def test_named_base_and_head(self):
        for base, head in (("main", "feature"), (self.sha["main"], self.sha["head"]), ("origin/main", "")):
            run = self.pull(base=base, head=head)
            self.fails(run, "main", "head" if head else "merge")
        run = self.pull(base=f"main...{self.sha['head']}")
        self.assertEqual(run.code, 1, run)
        self.assertEqual(run.outputs["base-sha"], self.sha["start"], run)

    def test_asked_wrongly(self):
        for inputs, words in (
            ({"fail_on": "errors"}, "the input fail-on is 'errors'"),
            ({"accept_policy": "yes"}, "accept-policy"),
            ({"comment": "sometimes"}, "on-change always never"),
            ({"comment_id": "a--b"}, "comment-id"),
            ({"comment_id": "a -->"}, "comment-id"),
            ({"working_directory": "nowhere"}, "no folder"),
            ({"head": "main"}, "base is missing"),
            ({"version": "latest"}, "the input version is 'latest'"),
        ):
            run = self.pull(**inputs)
            self.assertEqual(run.code, 2, run)
            self.assertRegex(run.log, f"(?m)^::error title=caplint::.*{re.escape(words)}")
            self.assertEqual(run.outputs["verdict"], "", run)

    def test_a_path_is_no_base(self):
        for name in ("./base", "../base", "/tmp/base", "."):
            run = self.pull(base=name)
            self.assertEqual(run.code, 2, run)
            self.assertIn("is a path", run.log)

    def test_inputs_are_never_run(self):
        evil = '$(touch pwned)`touch pwned`"; touch pwned #'
        for name in ("version", "base", "working_directory", "fail_on", "comment_id", "sarif_file", "comment", "usage"):
            run = self.pull(**{name: evil, **({"head": "HEAD"} if name == "base" else {})})
            self.assertNotEqual(run.code, 0, run) if name != "sarif_file" else None
            self.assertEqual(list(self.tmp.rglob("pwned")), [], name)
        run = self.pull(base="--output=pwned")
        self.assertEqual(run.outputs["verdict"], "error", run)
        self.assertEqual(list(self.tmp.rglob("*pwned")), [])

    def test_what_is_written(self):
        run = self.pull(summary="false", annotations="false", sarif_file="out/caplint.sarif", fail_on="never")
        self.assertEqual(run.code, 2, "there is no folder out")
        (self.tmp / "reports").mkdir()
        self.api.log.clear()
        run = self.pull(summary="false", annotations="false", sarif_file=f"{self.tmp}/reports/caplint.sarif", fail_on="never",
                        comment="never")
        self.assertEqual((run.code, run.outputs["verdict"], run.summary), (0, "pass", ""), run)
        self.assertNotIn("::error file", run.log)
        sarif = json.loads((self.tmp / "reports/caplint.sarif").read_text())
        self.assertEqual(sarif["version"], "2.1.0")
        self.assertEqual(self.api.log, [])

    def test_working_directory(self):
        nested = self.origin
        nested("checkout", "--quiet", "feature")
        (nested.folder / "sub").mkdir()
        self.sha["head"] = nested.commit("nested", **{"sub/other.txt": "1\n"})
        run = self.judge("push", "head", "refs/heads/feature", 1, {"working-directory": "sub"},
                         remote="refs/remotes/origin/feature")[1]
        self.assertEqual(run.outputs["head-sha"], self.sha["head"], run)
        self.assertEqual(run.code, 1, run)

    def test_accepted_policy(self):
        weaker = BAD.replace("[project]", "[rules]\nover-limit = \"info\"\ntable-without-retention = \"info\"\n\n[project]")
        shutil.rmtree(self.origin.folder)
        self.make_origin(head=weaker)
        self.assertEqual(self.pull().outputs["verdict"], "fail")
        self.assertEqual(self.pull(accept_policy="true").outputs["verdict"], "pass")

    def test_usage(self):
        day = datetime.datetime.now(datetime.timezone.utc).date()
        rows = f"date,feature,line,quantity,unit\n{day},routing,none,{{}},credits\n"
        files = [self.tmp / "of one.csv", self.tmp / "--of $(touch pwned).csv"]
        for count, file in enumerate(files):
            file.write_text(rows.format(count))
        measured = lambda run: json.loads(Path(run.outputs["report-json"]).read_text()).get("usage")
        # The same thing, measured twice.
        run = self.pull(usage="\n".join(map(str, files)))
        self.assertEqual(run.outputs["verdict"], "error", run)
        self.assertIn("says again what", run.log)
        files[1].write_text(rows.format(2).replace("none", "other"))
        run = self.pull(usage=f"{files[0]}\r\n\n{files[1]}\n")
        self.assertEqual(measured(run)["rows"], 2, run)
        self.assertEqual(measured(self.pull(usage=str(files[0])))["rows"], 1, run)
        self.assertIsNone(measured(self.pull()))
        run = self.pull(usage="nowhere.csv")
        self.assertEqual(run.outputs["verdict"], "error", run)
        self.assertIn("nowhere.csv", run.log)
        self.assertEqual(list(self.tmp.rglob("pwned")), [])

    def test_names_are_never_commands(self):
        evil = BAD.replace('name = "shop"', 'name = "::error::x"').replace("tables.places]", 'tables."a\\n::add-mask::x"]')
        shutil.rmtree(self.origin.folder)
        self.make_origin(head=evil)
        run = self.pull()
        stop = re.search(r"(?m)^::stop-commands::([0-9a-f]{32})$", run.log).group(1)
        before, _, after = run.log.partition(f"::stop-commands::{stop}\n")
        _, _, after = after.partition(f"\n::{stop}::\n")
        self.assertNotRegex(before + after, r"(?m)^\s*::(add-mask|error::)")


for name in [name for name in vars(Events) if name.startswith("test_")]:
    setattr(Inputs, name, None)

if __name__ == "__main__":
    unittest.main()
