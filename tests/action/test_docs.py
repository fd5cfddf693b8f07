"""What docs/adopting.md tells people to run does what it says."""

from support import *

TEXT = (ROOT / "docs/adopting.md").read_text()


def blocks(language):
    """The fenced blocks of a language, without the indentation of the list that they stand in."""
    found = re.findall(rf"(?m)^( *)```{language}\n(.*?)^ *```$", TEXT, re.S)
    return [re.sub(rf"(?m)^{indent}", "", text) for indent, text in found]


class Adopting(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="caplint-docs-")
        self.addCleanup(holder.cleanup)
        (Path(holder.name) / "bin").mkdir()
        (Path(holder.name) / "bin/caplint").symlink_to(BINARY)
        self.env = {"PATH": f"{holder.name}/bin:{os.environ['PATH']}"}
        self.git = Git(Path(holder.name) / "shop")
        self.git.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "dana")
        self.git("config", "user.email", "dana@example.com")
        (self.git.folder / "capacity.toml").write_text(blocks("toml")[0])

    def sh(self, script):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "GITHUB_", "CI"))}
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.git.folder, env=clean | self.env,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_from_nothing_to_a_failing_change(self):
        done = self.sh("caplint check")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("warning[scenario-over-limit]", done.stdout)
        compare, push = [block for block in blocks("sh") if "sed" in block]
        done = self.sh(compare)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("`apis.maps.credits` exceeds its limit", done.stdout)
        (undo,) = re.findall(r"`(git checkout [^`]*)`", TEXT)
        self.assertEqual(self.sh(undo).returncode, 0)
        origin = self.git.folder.parent / "origin.git"
        self.git("init", "--quiet", "--bare", str(origin))
        self.git("remote", "add", "origin", str(origin))
        self.git("push", "--quiet", "origin", "main")
        done = self.sh(push)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.git("status", "--porcelain"), "")
        done = self.sh("caplint diff origin/main...origin/ten-times-as-many")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("error[over-limit]", done.stdout)

    def test_a_project_with_findings(self):
        file = self.git.folder / "capacity.toml"
        file.write_text(file.read_text().replace("100/day", "1000/day"))
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "bad")
        self.assertEqual(self.sh("caplint check").returncode, 1)
        self.assertEqual(self.sh("caplint diff HEAD").returncode, 0, "what exists on both sides does not fail")
        (count,) = [block for block in blocks("sh") if "uniq" in block]
        done = self.sh(count)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("over-limit", done.stdout)
        for command in re.findall(r"`(caplint check --exit-zero[^`]*)`", TEXT):
            done = self.sh(command)
            self.assertEqual(done.returncode, 0, done.stdout)
        self.assertTrue((self.git.folder / "caplint.html").stat().st_size > 1000)
        done = self.sh("caplint diff ./baseline.json")
        self.assertEqual(done.returncode, 0, done.stdout)
        file.write_text(file.read_text().replace("1000/day", "2000/day"))
        done = self.sh("caplint diff ./baseline.json")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("worse than before", done.stdout)

    def test_links_and_names_in_it_exist(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
            self.assertTrue((ROOT / "docs" / target).exists(), target)
        described = read_yaml((ROOT / "action.yml").read_text())
        for name in [*described["inputs"], *described["outputs"]]:
            self.assertIn(f"`{name}`", TEXT)
        for hook in re.findall(r"(?m)^- id: (\S+)$", (ROOT / ".pre-commit-hooks.yaml").read_text()):
            self.assertIn(hook, TEXT)
        label = re.search(r"grep -Fqx (\S+);", (ROOT / "docs/workflows/capacity.yml").read_text()).group(1)
        self.assertIn(f"`{label}`", TEXT)


if __name__ == "__main__":
    unittest.main()
