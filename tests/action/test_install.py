"""How the action comes to a binary."""

import hashlib
import io
import tarfile

from support import *

TARGET = "x86_64-unknown-linux-musl"
# A file of each folder that the build reads.
SOURCES = ["src/main.rs", "crates/core/src/lib.rs", "docs/rules/over-limit.md"]


class Install(ActionTest):
    def setUp(self):
        super().setUp()
        shutil.rmtree(self.tools, ignore_errors=True)
        # A checkout of the action, whose cargo only says that it was called.
        self.root = self.tmp / "checkout"
        for file in SOURCES:
            (self.root / file).parent.mkdir(parents=True, exist_ok=True)
            (self.root / file).write_text("one\n")
        (self.root / "Cargo.toml").write_text('[package]\nname = "caplint"\nversion = "0.1.0"\n')
        (self.root / "Cargo.lock").write_text("")
        shutil.copytree(ROOT / "action", self.root / "action")
        script = self.root / "action/install.sh"
        at_home = "releases=https://github.com/caplint/caplint/releases/download\n"
        self.assertEqual(script.read_text().count(at_home), 1)
        script.write_text(script.read_text().replace(at_home, f"releases={self.api.url}/download\n"))
        self.bin = self.tmp / "bin"
        self.bin.mkdir()
        cargo = self.bin / "cargo"
        cargo.write_text(f'#!/bin/sh\nset -e\npwd > {self.tmp}/built-in\n'
                         'while [ "$1" != --target-dir ]; do shift; done\nmkdir -p "$2/profiling"\n'
                         f'printf "#!/bin/sh\\necho built\\n" > "$2/profiling/caplint"\nchmod +x "$2/profiling/caplint"\n'
                         f'echo built >> {self.tmp}/builds\n')
        cargo.chmod(0o755)

    def install(self, version="", **extra):
        output = self.tmp / "output"
        output.write_text("")
        env = {"PATH": f"{self.bin}:{os.environ['PATH']}", "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
               "RUNNER_TEMP": str(self.tmp), "RUNNER_TOOL_CACHE": str(self.tools), "GITHUB_OUTPUT": str(output),
               "CAPLINT_VERSION": version, **extra}
        self.workspace.mkdir(exist_ok=True)
        done = subprocess.run(["bash", str(self.root / "action/install.sh")], env=env, text=True, cwd=self.workspace,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.path = dict(line.split("=", 1) for line in output.read_text().splitlines()).get("path")
        return done

    def release(self, version="0.1.0", digest=None, text="released"):
        name = f"caplint-{version}-{TARGET}"
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            member = tarfile.TarInfo(f"{name}/caplint")
            script = f"#!/bin/sh\necho {text}\n".encode()
            member.size, member.mode = len(script), 0o755
            archive.addfile(member, io.BytesIO(script))
        digest = digest or hashlib.sha256(data.getvalue()).hexdigest()
        self.api.files[f"/download/v{version}/{name}.tar.gz"] = data.getvalue()
        with (self.root / "action/checksums.txt").open("a") as sums:
            sums.write(f"{'0' * 64}  other.tar.gz\n{digest}  {name}.tar.gz\n")
        return data.getvalue()

    def builds(self):
        path = self.tmp / "builds"
        return len(path.read_text().split()) if path.exists() else 0

    def cached(self):
        return self.tools / f"caplint/0.1.0/x64/caplint-0.1.0-{TARGET}.tar.gz"

    def test_a_release_with_its_checksum(self):
        self.release()
        for version in ("", "0.1.0", "v0.1.0"):
            done = self.install(version)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("released", done.stdout)
        self.assertTrue(self.cached().exists())
        self.assertEqual(len(self.api.log), 1, "the tool cache has it from then on")
        self.assertEqual(self.builds(), 0)

    def test_a_wrong_checksum(self):
        self.release(digest="a" * 64)
        done = self.install()
        self.assertEqual((done.returncode, self.path), (2, None), done.stdout)
        self.assertIn("its checksum is not", done.stdout)
        self.assertFalse(self.cached().exists())

    def test_the_tool_cache_is_checked_on_each_use(self):
        right = self.release()
        self.assertEqual(self.install().returncode, 0)
        self.release(text="pwned", digest="c" * 64)
        self.cached().write_bytes(self.api.files[f"/download/v0.1.0/caplint-0.1.0-{TARGET}.tar.gz"])
        self.assertEqual(self.install().returncode, 2, "what was put there is not used, nor what the server has now")
        self.api.files[f"/download/v0.1.0/caplint-0.1.0-{TARGET}.tar.gz"] = right
        done = self.install()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("pwned", done.stdout)
        self.assertEqual(self.cached().read_bytes(), right)
        # A binary that another job unpacked there, as earlier versions of the action kept it.
        for kept in (self.tools / "caplint/0.1.0/x64/caplint", self.tools / "caplint/0.1.0/x64.complete"):
            kept.write_text("#!/bin/sh\necho pwned\n")
            kept.chmod(0o755)
        self.assertNotIn("pwned", self.install().stdout)

    def test_nothing_of_the_jobs_environment_says_where_releases_are(self):
        self.release()
        done = self.install(CAPLINT_RELEASES="http://127.0.0.1:1", releases="http://127.0.0.1:1", root="/nowhere")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(self.api.log), 1)

    def test_what_has_no_checksum_here_is_never_asked_for(self):
        self.release()
        (self.root / "action/checksums.txt").write_text("")
        done = self.install("0.1.0")
        self.assertEqual((done.returncode, self.path, self.api.log), (2, None, []), done.stdout)
        self.assertIn("has no release 0.1.0", done.stdout)
        (self.root / "action/checksums.txt").write_text(f"nothing  caplint-0.1.0-{TARGET}.tar.gz\n")
        self.assertEqual((self.install().returncode, self.api.log), (2, []))

    def test_no_release_is_built_once_in_a_job(self):
        done = self.install()
        self.assertEqual((done.returncode, self.builds()), (0, 1), done.stdout)
        folder = (self.tmp / "built-in").read_text().strip()
        self.assertEqual(folder, str(self.root.resolve()), "cargo takes no settings from the checkout that is judged")
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual(self.install("source").returncode, 0)
        self.assertEqual(self.builds(), 1, "the job has what was built")
        self.assertFalse(self.tools.exists(), "other jobs don't: nothing could tell that it is still the same")
        for before, file in enumerate(SOURCES, start=1):
            (self.root / file).write_text("two\n")
            self.assertEqual(self.install("source").returncode, 0)
            self.assertEqual(self.builds(), before + 1, f"another {file} is another build")

    def test_a_version_that_was_asked_for_is_never_built(self):
        done = self.install("0.9.0")
        self.assertEqual((done.returncode, self.builds()), (2, 0), done.stdout)
        self.assertIn("no release 0.9.0", done.stdout)

    def test_a_fault_is_no_missing_release(self):
        self.release()
        self.api.fail("GET", ".tar.gz", 403)
        done = self.install()
        self.assertEqual((done.returncode, self.builds()), (2, 0), done.stdout)

    def test_platforms(self):
        self.assertEqual(self.install("0.1.0", RUNNER_ARCH="RISCV").returncode, 2)
        for system, arch in (("macOS", "ARM64"), ("Windows", "X64"), ("Linux", "ARM64")):
            done = self.install("0.1.0", RUNNER_OS=system, RUNNER_ARCH=arch)
            self.assertIn("no release 0.1.0", done.stdout)

    def test_versions_are_checked(self):
        for version in ("latest", "1", "../../x", "0.1.0; touch pwned", "0.1.0/../x"):
            self.assertEqual(self.install(version).returncode, 2)
        self.assertEqual(self.api.log, [])


if __name__ == "__main__":
    unittest.main()
