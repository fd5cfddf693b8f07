"""What tests with real servers share: temporary folders, caplint, and servers on loopback."""

import contextlib
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("CAPLINT_BINARY", ROOT / "target/debug/caplint")).resolve()
REQUIRED = "CAPLINT_REQUIRE_TOOLS" in os.environ
POSTGRES = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [None])[-1]


def needs(*tools):
    """Skips a test with a message where a tool is missing, unless tools are required."""
    missing = [tool for tool in tools if not (tool and shutil.which(tool))]
    if missing and REQUIRED:
        raise AssertionError(f"{missing} is missing")
    return unittest.skipIf(missing, f"SKIPPED: {', '.join(map(str, missing))} is missing")


def postgres(tool):
    return POSTGRES and f"{POSTGRES}/{tool}"


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="caplint-")))
        self.project = self.dir / "project"
        self.project.mkdir()

    def write(self, name, text):
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_program(self, *arguments, code=0, **options):
        environment = {key: value for key, value in os.environ.items() if key != "CI"}
        done = subprocess.run(arguments, cwd=self.project, env=environment, capture_output=True,
                              text=True, timeout=120, **options)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def tried(self, *arguments):
        return subprocess.run([BINARY, *arguments], cwd=self.project, capture_output=True, text=True)

    def caplint(self, *arguments, code=0):
        return self.run_program(BINARY, *arguments, code=code)

    def calibrate(self, *arguments):
        return json.loads(self.caplint("calibrate", "--json", *arguments))

    def near(self, actual, expected, path, within=0.005):
        self.assertIsNotNone(actual, path)
        off = abs(actual - expected) / abs(expected) if expected else abs(actual)
        self.assertLessEqual(off, within, f"{path}: {actual} and not {expected}")


def started(arguments, folder):
    with (folder / "log").open("w") as log:
        return subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log)


def stop(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def prometheus(folder, openmetrics):
    """A Prometheus that holds these samples; gives its address."""
    (folder / "samples").write_text(openmetrics)
    (folder / "prometheus.yml").write_text("")
    # In few blocks: it reads all of its input again for each.
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics",
                    "--max-block-duration=2000h", "samples", "data"],
                   cwd=folder, check=True, capture_output=True, timeout=120)
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        address = f"127.0.0.1:{port}"
        process = started(
            ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
             f"--web.listen-address={address}", "--storage.tsdb.retention.time=100y"], folder)
        if ready(process, ["curl", "--silent", "--fail", f"http://{address}/-/ready"]):
            break
        stop(process)
    else:
        raise AssertionError((folder / "log").read_text())
    try:
        yield f"http://{address}"
    finally:
        stop(process)


@contextlib.contextmanager
def postgres_server(folder):
    """A PostgreSQL on a socket in its own folder; gives what psql has to be given."""
    server = folder / "server"
    server.mkdir()
    as_user = []
    if os.geteuid() == 0:
        # It refuses to run as root.
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.chown(folder, "nobody", "nogroup")
        shutil.chown(server, "nobody", "nogroup")
    data = f"{server}/data"
    subprocess.run([*as_user, postgres("initdb"), "-D", data, "-U", "caplint", "-A", "trust",
                    "-E", "UTF8", "--locale=C", "--no-sync"],
                   cwd=folder, check=True, capture_output=True, timeout=120)
    process = started(
        [*as_user, postgres("postgres"), "-D", data, "-c", "listen_addresses=", "-k", server,
         "-c", "fsync=off", "-c", "autovacuum=off"], folder)
    where = ["psql", "-qX", "-h", str(server), "-U", "caplint"]
    try:
        if not ready(process, [*where, "-d", "postgres", "-c", "select 1"]):
            raise AssertionError((folder / "log").read_text())
        yield where
    finally:
        stop(process)


def ready(process, ask):
    for _ in range(600):
        if subprocess.run(ask, capture_output=True).returncode == 0:
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def main():
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
