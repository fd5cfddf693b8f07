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
        shutil.rmtree(self.tools)
        # A checkout of the action, whose cargo only says that it was called.
        self.root = self.tmp / "checkout"
        for file in SOURCES:
            (self.root / file).parent.mkdir(parents=True, exist_ok=True)
            (self.root / file).write_text("one\n")
        (self.root / "Cargo.toml").write_text('[package]\nname = "caplint"\nversion = "0.1.0"\n')
        (self.root / "Cargo.lock").write_text("")
        shutil.copytree(ROOT / "action", self.root / "action")
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
               "CAPLINT_VERSION": version, "CAPLINT_RELEASES": f"{self.api.url}/download", **extra}
        self.workspace.mkdir(exist_ok=True)
        done = subprocess.run(["bash", str(self.root / "action/install.sh")], env=env, text=True, cwd=self.workspace,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.path = dict(line.split("=", 1) for line in output.read_text().splitlines()).get("path")
        return done

    def release(self, version="0.1.0", digest=None, sums=True):
        name = f"caplint-{version}-{TARGET}"
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            member = tarfile.TarInfo(f"{name}/caplint")
            script = b"#!/bin/sh\necho released\n"
            member.size, member.mode = len(script), 0o755
            archive.addfile(member, io.BytesIO(script))
        digest = digest or hashlib.sha256(data.getvalue()).hexdigest()
        self.api.files[f"/download/v{version}/{name}.tar.gz"] = data.getvalue()
        if sums:
            self.api.files[f"/download/v{version}/SHA256SUMS"] = f"{'0' * 64}  other.tar.gz\n{digest}  {name}.tar.gz\n".encode()
        return digest, f"{name}.tar.gz"

    def builds(self):
        path = self.tmp / "builds"
        return len(path.read_text().split()) if path.exists() else 0

    def test_a_release_with_its_checksum(self):
        self.release()
        for version in ("", "0.1.0", "v0.1.0"):
            done = self.install(version)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("released", done.stdout)
        self.assertEqual(self.path, str(self.tools / "caplint/0.1.0/x64/caplint"))
        self.assertEqual(len(self.api.log), 2, "the tool cache has it from then on")
        self.assertEqual(self.builds(), 0)

    def test_a_wrong_checksum(self):
        self.release(digest="a" * 64)
        done = self.install()
        self.assertEqual((done.returncode, self.path), (2, None), done.stdout)
        self.assertIn("its checksum is not", done.stdout)
        self.assertFalse((self.tools / "caplint").exists())

    def test_the_checkouts_own_checksum_comes_first(self):
        digest, name = self.release(sums=False)
        (self.root / "action/checksums.txt").write_text(f"{'b' * 64}  {name}\n")
        self.assertEqual(self.install().returncode, 2)
        (self.root / "action/checksums.txt").write_text(f"{digest}  {name}\n")
        self.assertEqual(self.install().returncode, 0)

    def test_a_release_without_a_checksum(self):
        self.release()
        self.api.files["/download/v0.1.0/SHA256SUMS"] = b"nothing\n"
        done = self.install()
        self.assertEqual((done.returncode, self.path), (2, None), done.stdout)
        self.assertIn("has no checksum", done.stdout)

    def test_no_release_is_built_once(self):
        self.api.fail("GET", "SHA256SUMS", 404)
        done = self.install()
        self.assertEqual((done.returncode, self.builds()), (0, 1), done.stdout)
        folder = (self.tmp / "built-in").read_text().strip()
        self.assertEqual(folder, str(self.root.resolve()), "cargo takes no settings from the checkout that is judged")
        self.api.fail("GET", "SHA256SUMS", 404)
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual(self.install("source").returncode, 0)
        self.assertEqual(self.builds(), 1, "the tool cache has what was built")
        for before, file in enumerate(SOURCES, start=1):
            (self.root / file).write_text("two\n")
            self.assertEqual(self.install("source").returncode, 0)
            self.assertEqual(self.builds(), before + 1, f"another {file} is another build")

    def test_a_version_that_was_asked_for_is_never_built(self):
        self.api.fail("GET", "SHA256SUMS", 404)
        done = self.install("0.9.0")
        self.assertEqual((done.returncode, self.builds()), (2, 0), done.stdout)
        self.assertIn("no release 0.9.0", done.stdout)

    def test_a_fault_is_no_missing_release(self):
        self.api.fail("GET", "SHA256SUMS", 403)
        done = self.install()
        self.assertEqual((done.returncode, self.builds()), (2, 0), done.stdout)

    def test_platforms(self):
        self.assertEqual(self.install("0.1.0", RUNNER_ARCH="RISCV").returncode, 2)
        for system, arch in (("macOS", "ARM64"), ("Windows", "X64"), ("Linux", "ARM64")):
            self.api.fail("GET", "SHA256SUMS", 404)
            done = self.install("0.1.0", RUNNER_OS=system, RUNNER_ARCH=arch)
            self.assertIn("no release 0.1.0", done.stdout)

    def test_versions_are_checked(self):
        for version in ("latest", "1", "../../x", "0.1.0; touch pwned", "0.1.0/../x"):
            self.assertEqual(self.install(version).returncode, 2)
        self.assertEqual(self.api.log, [])


if __name__ == "__main__":
    unittest.main()
