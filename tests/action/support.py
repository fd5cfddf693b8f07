"""What the tests of the action share: a small reader of action.yml, a runner of its steps, the
repositories that they run on, and a server that stands for GitHub's API. Nothing leaves loopback."""

import copy
import datetime
import hashlib
import http.server
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARY = Path(os.environ.get("CAPLINT_BINARY", ROOT / "target/debug/caplint")).resolve()
VERSION = re.search(r'(?m)^version = "(.*)"$', (ROOT / "Cargo.toml").read_text()).group(1)
ME = "github-actions[bot]"

GOOD = """\
[project]
name = "shop"

[tenants]
pro = 100

[apis.maps]
rate_limit = "6000/min"
plan = { credits = 1_000_000 }

[apis.maps.endpoints]
"/route/" = { credits = 1 }

[databases.main]
writes = "none"
engine = "postgres"
storage = { now = "10GB", max = "1TB" }

[features.routes]
spec = "README.md"
owner = "platform"
calls = [{ id = "route", endpoint = "/route/", rate = "100/day" }]
writes = [{ id = "place", table = "places", rate = "24/day" }]

[tables.places]
kind = "event"
row_size = "100B"
retention = "90d"

[tables.places_daily]
kind = "rollup"
from = "places"
ratio = 0.0417
row_size = "100B"
retention = "1y"

[scenarios.10x]
tenants = 10
require = "report"
"""
# Drops a retention, and asks for ten times as many calls: two errors.
BAD = GOOD.replace('retention = "90d"\n', "").replace("100/day", "1000/day")


def read_yaml(text):
    """The YAML that action.yml is written in: blocks of mappings and lists, and plain or quoted
    scalars in one line. Anything else is an error, so that nothing is read wrongly."""
    lines = []
    for raw in text.splitlines():
        if raw.strip() and not raw.lstrip().startswith("#"):
            lines.append((len(raw) - len(raw.lstrip()), raw.strip()))

    def scalar(word):
        if word.startswith('"'):
            return json.loads(word)
        if re.match(r"[\[{|>&*!%@`]", word) or ": " in word or " #" in word:
            raise ValueError(f"not in the subset: {word}")
        return word

    def block(at, indent):
        result = [] if lines[at][1].startswith("- ") else {}
        while at < len(lines) and lines[at][0] == indent:
            word = lines[at][1]
            if isinstance(result, list):
                # The item is a block that begins after the dash.
                lines[at] = (indent + 2, word[2:])
                item, at = block(at, indent + 2)
                result.append(item)
                continue
            key, _, value = word.partition(":")
            at += 1
            if value.strip():
                result[key] = scalar(value.strip())
            elif at < len(lines) and lines[at][0] > indent:
                result[key], at = block(at, lines[at][0])
            else:
                result[key] = None
        return result, at

    result, at = block(0, 0)
    if at != len(lines):
        raise ValueError(f"not in the subset: {lines[at]}")
    return result


class Git:
    """A repository's git, free of the machine's own settings."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def __call__(self, *arguments, check=True, env=None):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "GITHUB_", "CI"))}
        clean |= {
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_AUTHOR_NAME": "dana", "GIT_AUTHOR_EMAIL": "dana@example.com",
            "GIT_COMMITTER_NAME": "dana", "GIT_COMMITTER_EMAIL": "dana@example.com",
            **(env or {}),
        }
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=clean, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check and done.returncode:
            raise AssertionError(f"git {arguments} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip() if check else done

    def commit(self, message, **files):
        for name, text in files.items():
            path = self.folder / name.replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", "-m", message)
        return self("rev-parse", "HEAD")


class Api(http.server.ThreadingHTTPServer):
    """Comments of one pull request, as GitHub serves them, with faults on demand."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.comments = []
        self.pulls = []
        self.files = {}
        self.login = ME
        self.page = 100
        self.faults = []
        self.log = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def add(self, body, login=ME):
        comment = {"id": 1000 + len(self.comments), "user": {"login": login}, "body": body}
        self.comments.append(comment)
        return comment

    def fail(self, method, path, *statuses):
        """The next such requests are answered with these statuses; a negative one is carried out
        all the same."""
        self.faults += [[method, path, status] for status in statuses]

    def requests(self, method):
        return [path for verb, path in self.log if verb == method]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.serve("GET")

    def do_POST(self):
        self.serve("POST")

    def do_PATCH(self):
        self.serve("PATCH")

    def serve(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        url = urllib.parse.urlsplit(self.path)
        self.server.log.append((method, self.path))
        for fault in self.server.faults:
            if fault[0] == method and re.search(fault[1], url.path):
                self.server.faults.remove(fault)
                if fault[2] < 0:
                    self.route(method, url, sent)
                return self.answer(abs(fault[2]), {"message": "a fault\nof the ::error::test"})
        if self.path in self.server.files:
            return self.answer(200, self.server.files[self.path])
        if self.headers.get("Authorization") != "Bearer s3cret":
            return self.answer(401, {"message": "Bad credentials"})
        self.answer(*self.route(method, url, sent))

    def route(self, method, url, sent):
        server, query = self.server, urllib.parse.parse_qs(url.query)
        if (method, url.path) == ("POST", "/graphql"):
            return 200, {"data": {"viewer": {"login": server.login}}}
        if (method, url.path) == ("GET", "/repos/acme/shop/pulls"):
            head = query["head"][0]
            return 200, [pull for pull in server.pulls if pull["head"]["label"] == head]
        if re.fullmatch(r"/repos/acme/shop/issues/7/comments", url.path):
            if method == "POST":
                return 201, server.add(sent["body"], server.login)
            page = int(query.get("page", ["1"])[0])
            rest = server.comments[page * server.page:]
            link = {"Link": f'<{server.url}/elsewhere?page={page + 1}>; rel="next"'} if rest else {}
            return 200, server.comments[(page - 1) * server.page:page * server.page], link
        found = re.fullmatch(r"/repos/acme/shop/issues/comments/(\d+)", url.path)
        for comment in server.comments if found and method == "PATCH" else []:
            if comment["id"] == int(found.group(1)):
                if comment["user"]["login"] != server.login:
                    return 403, {"message": "not yours"}
                comment["body"] = sent["body"]
                return 200, comment
        return 404, {"message": "Not Found"}

    def answer(self, status, body, headers=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Run:
    """What running the action left behind."""

    def __init__(self, code, log, outputs, summary):
        self.code, self.log, self.outputs, self.summary = code, log, outputs, summary

    def __repr__(self):
        return f"code {self.code}\noutputs {self.outputs}\n--- log\n{self.log}\n--- summary\n{self.summary}"


def sources_digest():
    """What install.sh keeps a built binary under: the checksum of those of all sources."""
    files = [ROOT / "Cargo.toml", ROOT / "Cargo.lock"]
    for folder in ("src", "crates", "docs/rules"):
        files += [file for file in (ROOT / folder).rglob("*") if file.is_file() and not file.is_symlink()]
    names = sorted((str(file.relative_to(ROOT)) for file in files), key=os.fsencode)
    digest = lambda data: hashlib.sha256(data).hexdigest()
    return digest("".join(f"{digest((ROOT / name).read_bytes())}  {name}\n" for name in names).encode())


SOURCES_DIGEST = sources_digest()


class ActionTest(unittest.TestCase):
    """A temporary folder, an origin with a pull request, and the API."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="caplint-action-")
        self.addCleanup(folder.cleanup)
        self.tmp = Path(folder.name)
        self.api = Api()
        self.addCleanup(self.api.server_close)
        self.addCleanup(self.api.shutdown)
        self.tools = self.tmp / "tools"
        # As an earlier step of the job built it.
        self.binary = self.tmp / "temp" / f"caplint-built-{SOURCES_DIGEST}" / "caplint"
        self.binary.parent.mkdir(parents=True)
        self.binary.symlink_to(BINARY)
        self.workspace = self.tmp / "workspace"
        self.runs = 100

    def make_origin(self, head=BAD, main=GOOD):
        """main: first, start, main; feature: from start. The merge commit is pull request 7's."""
        git = Git(self.tmp / "author")
        git.folder.mkdir()
        git("init", "--quiet", "--initial-branch=main")
        self.sha = {"first": git.commit("first", README__md="shop\n")}
        self.sha["start"] = git.commit("start", capacity__toml=main)
        for number in range(3):
            self.sha["main"] = git.commit(f"more {number}", **{"main.txt": f"{number}\n"})
        git("checkout", "--quiet", "-b", "feature", self.sha["start"])
        git.commit("on the way", **{"feature.txt": "1\n"})
        self.sha["before"] = git.commit("nearly", **{"feature.txt": "2\n"})
        self.sha["head"] = git.commit("feature", capacity__toml=head)
        git("checkout", "--quiet", "--detach", "main")
        git("merge", "--quiet", "--no-ff", "-m", "Merge 7", "feature")
        self.sha["merge"] = git("rev-parse", "HEAD")
        git("update-ref", "refs/pull/7/merge", "HEAD")
        git("update-ref", f"refs/heads/gh-readonly-queue/main/pr-7-{self.sha['main']}", "HEAD")
        # As GitHub's, which serves any commit by its id.
        git("config", "uploadpack.allowAnySHA1InWant", "true")
        git("config", "uploadpack.allowFilter", "true")
        self.origin = git

    def checkout(self, commit, reference, depth, without=None):
        """As actions/checkout does it: one reference, without tags, at a depth, and where objects
        are left out by a filter, with no more than a folder checked out."""
        shutil.rmtree(self.workspace, ignore_errors=True)
        self.workspace.mkdir()
        git = Git(self.workspace)
        git("init", "--quiet", "--initial-branch=unborn")
        git("remote", "add", "origin", f"file://{self.origin.folder}")
        if without:
            git("config", "remote.origin.promisor", "true")
            git("config", "remote.origin.partialclonefilter", without)
            git("sparse-checkout", "set", "--no-cone", "/nothing/")
        if depth:
            git("fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", f"+{commit}:{reference}")
        else:
            git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", commit)
        git("checkout", "--quiet", "--force", "--detach", commit)
        return git

    def event(self, name):
        text = (HERE / "events" / f"{name}.json").read_text()
        for key, value in self.sha.items():
            text = text.replace(f"@{key}@", value)
        path = self.tmp / "event.json"
        path.write_text(text)
        return path

    def environment(self, event_name, event, reference, sha, extra=None):
        keep = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LLVM_PROFILE_FILE")
        home = self.tmp / "home"
        home.mkdir(exist_ok=True)
        temp = self.tmp / "temp"
        temp.mkdir(exist_ok=True)
        self.runs += 1
        return {key: os.environ[key] for key in keep if key in os.environ} | {
            "HOME": str(home), "CI": "true", "GITHUB_ACTIONS": "true", "GIT_CONFIG_SYSTEM": "/dev/null",
            "GITHUB_EVENT_NAME": event_name, "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REF": reference, "GITHUB_SHA": sha, "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": self.api.url,
            "GITHUB_GRAPHQL_URL": f"{self.api.url}/graphql", "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_RUN_ID": str(self.runs), "GITHUB_RUN_ATTEMPT": "1",
            "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_TEMP": str(temp),
            "RUNNER_TOOL_CACHE": str(self.tools), "CAPLINT_RETRY_SECONDS": "0", **(extra or {}),
        }

    def run_action(self, environment, inputs=None, action="action.yml"):
        """Runs the steps of a composite action as the runner does."""
        path = ROOT / action
        described = read_yaml(path.read_text())
        unknown = set(inputs or {}) - set(described["inputs"])
        self.assertFalse(unknown, "inputs that the action does not have")
        values = {name: (inputs or {}).get(name, one.get("default", "")) for name, one in described["inputs"].items()}
        values = {name: value.replace("${{ github.token }}", "s3cret") for name, value in values.items()}
        steps, log, failed, code = {}, "", False, 0
        summary = self.tmp / "summary.md"
        summary.write_text("")

        def expand(text):
            def look_up(found):
                kind, *names = found.group(1).strip().split(".")
                if kind == "inputs":
                    return values[names[0]]
                self.assertEqual((kind, names[1]), ("steps", "outputs"), text)
                return steps.get(names[0], {}).get(names[2], "")
            return re.sub(r"\$\{\{(.*?)\}\}", look_up, text)

        for step in described["runs"]["steps"]:
            self.assertNotIn("${{", step["run"], "an expression in a script's text")
            condition = step.get("if")
            if condition:
                name, value = re.fullmatch(r"\$\{\{ inputs\.(\S+) != '(\w+)' \}\}", condition).groups()
            if failed or (condition and values[name] == value):
                continue
            written = self.tmp / "output"
            written.write_text("")
            env = environment | {
                "GITHUB_ACTION_PATH": str(path.parent), "GITHUB_OUTPUT": str(written),
                "GITHUB_STEP_SUMMARY": str(summary),
            } | {key: expand(value) for key, value in step["env"].items()}
            done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                                  cwd=self.workspace, env=env, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            log += done.stdout
            lines = written.read_text().splitlines()
            if "id" in step:
                steps[step["id"]] = dict(line.split("=", 1) for line in lines)
            if done.returncode:
                failed, code = True, done.returncode
        outputs = {name: expand(one["value"]) for name, one in (described.get("outputs") or {}).items()}
        return Run(code, log, outputs, summary.read_text())


def without_markers(comments):
    return [comment["body"].split("\n", 1)[1] for comment in comments]


__all__ = [name for name in globals() if not name.startswith("_")]
