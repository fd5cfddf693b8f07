"""No command opens a socket: strace sees none, and the binary has nothing to open one with."""

import re
import subprocess

from support import BINARY, Case, main, needs

PROJECT = """\
[project]
name = "shop"
[tenants]
pro = 100
[apis.maps]
rate_limit = "6000/min"
plan = { credits = 1_000_000 }
packs = [{ name = "more", credits = 100_000, price = 9 }]
[apis.maps.endpoints]
"/route/" = { credits = 1 }
[databases.main]
engine = "postgres"
[features.routes]
owner = "platform"
calls = [{ id = "route", endpoint = "/route/", rate = "100/day" }]
[metrics]
"apis.maps.credits" = { counter = "credits_total" }
"""

COMMANDS = [
    "check", "check --staged", "check --rev HEAD --format html", "check --fix", "diff",
    "diff HEAD~1 HEAD", "forecast", "purchases", "export prometheus-rules", "export keda",
    "export quotas", "export rows", "export badge", "usage usage.csv", "usage usage.csv --by day",
    "usage request prometheus --url http://127.0.0.1:9", "usage request postgres",
    "calibrate --usage usage.csv", "calibrate --usage usage.csv --write",
    "review --usage usage.csv --from 2026-10-01 --to 2026-11-20", "history",
    "explain apis.maps.credits", "explain over-limit", "rules", "init --yes fresh", "fmt --check",
    "fmt", "schema", "completions bash", "man", "version", "help",
]

# What a program needs to reach another machine. The standard library brings `socketpair` and
# `recvmsg` to start programs with.
NEEDED = {"socket", "connect", "getaddrinfo", "gethostbyname", "bind", "listen", "accept", "accept4"}


class Network(Case):
    def setUp(self):
        super().setUp()
        self.write("capacity.toml", PROJECT)
        days = "".join(f"2026-11-{day:02},routes,route,9000,calls\n" for day in range(1, 20))
        self.write("usage.csv", "date,feature,line,quantity,unit\n" + days)
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
        self.run_program(*git, "init", "--quiet", "--initial-branch=main")
        self.write("fresh/README", "")
        self.run_program("git", "add", "capacity.toml")
        self.run_program(*git, "commit", "--quiet", "--message=One")
        self.write("more.txt", "")
        self.run_program("git", "add", "more.txt")
        self.run_program(*git, "commit", "--quiet", "--message=Two")

    @needs("strace", "git")
    def test_no_command_opens_a_socket(self):
        tried = set()
        for command in COMMANDS:
            log = self.dir / "log"
            done = subprocess.run(
                ["strace", "-f", "-qq", "-e", "trace=network,execve", "-e", "signal=none", "-o", log,
                 BINARY, *command.split()],
                cwd=self.project, capture_output=True, text=True, timeout=120)
            self.assertIn(done.returncode, (0, 1, 2, 3), f"{command}: {done.stderr}")
            self.assertNotIn("unexpected argument", done.stderr, command)
            self.assertNotIn("unrecognized", done.stderr, command)
            calls = log.read_text().splitlines()
            # Itself, and no other program.
            self.assertEqual(len(calls), 1, f"{command}: {calls}")
            self.assertIn("execve", calls[0])
            tried.add(command.split()[0])
        listed = self.caplint("help").split("\nCommands:\n")[1].split("\n\n")[0]
        self.assertEqual(tried, set(re.findall(r"(?m)^  ([a-z]+) ", listed)))

    @needs("strace", "curl")
    def test_strace_sees_those_that_do(self):
        log = self.dir / "log"
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=network", "-o", log, "curl", "--silent",
                        "http://127.0.0.1:9"], capture_output=True, timeout=60)
        self.assertIn("connect(", log.read_text())

    @needs("nm")
    def test_the_binary_imports_nothing_to_open_one_with(self):
        done = subprocess.run(["nm", "-D", "--undefined-only", BINARY], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}
        self.assertIn("open64", names)
        self.assertEqual(names & NEEDED, set())


if __name__ == "__main__":
    main()
