"""The hooks under the real pre-commit, in a repository that the test makes.

caplint comes as a wheel around the binary under test, which pip finds in a folder; the hooks come
from a copy of what pre-commit reads of this repository.
"""

import base64
import hashlib
import sys
import sysconfig
import zipfile

from support import *


def make_wheel(folder):
    """A wheel of the binary, as maturin lays it out."""
    tag = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    info = f"caplint-{VERSION}.dist-info"
    files = {
        f"caplint-{VERSION}.data/scripts/caplint": BINARY.read_bytes(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: caplint\nVersion: {VERSION}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(folder / f"caplint-{VERSION}-{tag}.whl", "w") as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100755 if name.endswith("scripts/caplint") else 0o100644) << 16
            wheel.writestr(entry, data)


def outside_of_ci():
    """The environment of a developer, wherever the test runs."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI"))}


class Hooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="caplint-hooks-")
        cls.addClassCleanup(holder.cleanup)
        cls.tmp = Path(holder.name)
        wheels = cls.tmp / "wheels"
        wheels.mkdir()
        make_wheel(wheels)
        hooks = Git(cls.tmp / "hooks")
        hooks.folder.mkdir()
        hooks("init", "--quiet")
        for name in (".pre-commit-hooks.yaml", "setup.py", "Cargo.toml"):
            shutil.copy(ROOT / name, hooks.folder / name)
        cls.revision = hooks.commit("hooks")
        cls.env = {"PRE_COMMIT_HOME": str(cls.tmp / "cache"), "PIP_FIND_LINKS": str(wheels), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        cls.hooks = hooks

    def repository(self, hook):
        folder = Path(tempfile.mkdtemp(dir=self.tmp))
        git = Git(folder)
        git("init", "--quiet", "--initial-branch=main")
        (folder / ".pre-commit-config.yaml").write_text(
            f"repos:\n  - repo: {self.hooks.folder}\n    rev: {self.revision}\n    hooks: [{{ id: {hook} }}]\n")
        git.commit("start", README__md="shop\n", capacity__toml=GOOD)
        subprocess.run(["pre-commit", "install"], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       env={**outside_of_ci(), **self.env})
        self.git, self.file = git, folder / "capacity.toml"
        return git

    def write(self, text):
        self.file.write_text(text)

    def commits(self, *arguments):
        done = self.git("commit", "-m", "change", *arguments, check=False, env=self.env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Passed", done.stderr + done.stdout)

    def refuses(self, rule, *arguments):
        before = self.git("rev-parse", "HEAD")
        done = self.git("commit", "-m", "change", *arguments, check=False, env=self.env)
        output = done.stdout + done.stderr
        self.assertEqual(done.returncode, 1, output)
        self.assertRegex(output, rf"capacity\.toml:\d+:\d+: error\[{rule}\]")
        self.assertEqual(self.git("rev-parse", "HEAD"), before)

    def test_good_and_bad_commits(self):
        for hook in ("caplint-diff", "caplint-check"):
            git = self.repository(hook)
            self.write(GOOD.replace("100/day", "110/day"))
            git("add", "capacity.toml")
            self.commits()
            self.write(GOOD.replace('retention = "90d"\n', ""))
            git("add", "capacity.toml")
            self.refuses("table-without-retention")

    def test_partly_staged(self):
        git = self.repository("caplint-diff")
        self.write(BAD)
        git("add", "capacity.toml")
        self.write(GOOD + "# mended, but not staged\n")
        self.refuses("table-without-retention")
        self.assertEqual(self.file.read_text(), GOOD + "# mended, but not staged\n")
        git("add", "capacity.toml")
        self.write(BAD)
        self.commits()
        self.assertEqual(self.file.read_text(), BAD)

    def test_commit_all(self):
        self.repository("caplint-diff")
        self.write(BAD)
        self.refuses("over-limit", "-a")
        self.write(GOOD + "# all is well\n")
        self.commits("-a")

    def test_commit_of_paths(self):
        git = self.repository("caplint-diff")
        readme = self.file.parent / "README.md"
        readme.write_text("more\n")
        self.write(BAD)
        git("add", "capacity.toml")
        self.commits("README.md")
        self.assertEqual(git("show", "--stat", "--format="), "README.md | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)")
        readme.write_text("even more\n")
        self.refuses("over-limit", "capacity.toml")
        git("reset", "--quiet")
        self.refuses("over-limit", "capacity.toml")

    def test_a_finding_that_was_there_is_not_the_commits(self):
        git = self.repository("caplint-diff")
        self.write(BAD)
        git("commit", "--quiet", "--no-verify", "-a", "-m", "bad", env=self.env)
        self.write(BAD + "# unrelated\n")
        self.commits("-a")

    def test_a_feature_that_moves_or_is_renamed(self):
        git = self.repository("caplint-diff")
        top, feature = GOOD.split("[features.routes]")
        feature, rest = feature.split("[tables.places]")
        self.write(f"{top}[tables.places]{rest}")
        moved = self.file.parent / "routes" / "capacity.toml"
        moved.parent.mkdir()
        moved.write_text("[features.routes]" + feature.replace("README.md", "../README.md"))
        git("add", "--all")
        self.commits()
        git("mv", "routes", "ways")
        self.commits()
        moved = self.file.parent / "ways" / "capacity.toml"
        moved.write_text(moved.read_text().replace("features.routes", "features.ways"))
        self.commits("-a")
        # Another name hides nothing that is new.
        moved.write_text(moved.read_text().replace("features.ways", "features.paths").replace("100/day", "1000/day"))
        self.refuses("over-limit", "-a")

    def test_only_a_spec_is_touched(self):
        for hook in ("caplint-diff", "caplint-check"):
            git = self.repository(hook)
            spec = self.file.parent / "README.md"
            spec.write_text("A longer story.\n")
            self.commits("-a")
            # No file that a pattern could match is left, and the hook sees it all the same.
            git("rm", "--quiet", "README.md")
            done = subprocess.run(["pre-commit", "run", "--verbose"], cwd=self.file.parent, text=True,
                                  env={**outside_of_ci(), **self.env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertIn("warning[feature-without-spec]", done.stdout)

    def test_the_index_of_a_linked_worktree(self):
        git = self.repository("caplint-diff")
        other = self.tmp / "linked"
        git("worktree", "add", "--quiet", "-b", "linked", str(other), env=self.env)
        self.git, self.file = Git(other), other / "capacity.toml"
        self.write(BAD)
        self.refuses("over-limit", "-a")


if __name__ == "__main__":
    unittest.main()
