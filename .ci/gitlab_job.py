"""Runs the script of the GitLab template as a runner does, with the variables that GitLab sets, for
a merge request, its merged result and a push. `pip` installs the wheel that PIP_FIND_LINKS has."""

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

import yaml

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests/action"))
from support import BAD, GOOD, Git  # noqa: E402

text = (root / "templates/caplint/template.yml").read_text()
spec, _ = yaml.safe_load_all(text)
tmp = Path(tempfile.mkdtemp(prefix="caplint-gitlab-"))


def job(**inputs):
    filled = text
    for name, one in spec["spec"]["inputs"].items():
        filled = filled.replace(f"$[[ inputs.{name} ]]", inputs.get(name, one["default"]))
    assert "$[[" not in filled
    return list(yaml.safe_load_all(filled))[1]["caplint"]


def run(checkout, commit, variables, **inputs):
    """One job: its exit code, its log, and its reports."""
    described = job(**inputs)
    git = Git(tmp / f"build-{len(list(tmp.iterdir()))}")
    git.folder.mkdir()
    git("init", "--quiet")
    git("fetch", "--quiet", str(checkout.folder), "+refs/heads/*:refs/remotes/origin/*", commit)
    git("checkout", "--quiet", "--detach", commit)
    env = {key: os.environ[key] for key in ("PATH", "PIP_FIND_LINKS", "PIP_NO_INDEX")} | {
        "HOME": str(tmp), "CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(git.folder), "CI_COMMIT_SHA": commit,
        "CI_PROJECT_URL": "https://gitlab.example/acme/shop", "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_BEFORE_SHA": "0" * 40, **described["variables"], **variables,
    }
    # As the runner joins them: the first line that fails ends the job.
    script = "set -eo pipefail\n" + "\n".join(described["script"])
    done = subprocess.run(["bash", "-c", script], cwd=git.folder, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    reports = described["artifacts"]["reports"]
    assert (git.folder / described["artifacts"]["paths"][0]).stat().st_size > 1000, done.stdout
    quality = json.loads((git.folder / reports["codequality"]).read_text())
    units = xml.etree.ElementTree.parse(git.folder / reports["junit"]).getroot()
    return done.returncode, done.stdout, quality, units


author = Git(tmp / "author")
author.folder.mkdir()
author("init", "--quiet", "--initial-branch=main")
start = author.commit("start", README__md="shop\n", capacity__toml=GOOD)
author("checkout", "--quiet", "-b", "feature")
# The branch's name is whatever somebody typed.
evil = "a$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned"
head = author.commit("feature", capacity__toml=BAD)
author("checkout", "--quiet", "main")
main = author.commit("more", main__txt="1\n")
author("checkout", "--quiet", "--detach")
author("merge", "--quiet", "--no-ff", "-m", "merged", "feature")
merged = author("rev-parse", "HEAD")
author("update-ref", "refs/heads/train", merged)

request = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": start,
           "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": evil, "CI_MERGE_REQUEST_TITLE": evil}
for commit, variables in ((head, request), (merged, request | {"CI_MERGE_REQUEST_EVENT_TYPE": "merged_result"}),
                          (merged, {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": main})):
    code, log, quality, units = run(author, commit, variables)
    assert code == 1 and "error[over-limit]" in log, log
    assert {one["check_name"] for one in quality} >= {"over-limit", "table-without-retention"}, quality
    assert int(units.get("failures")) == 2, units.attrib
    code, log, quality, units = run(author, commit, variables, **{"fail-on": "never"})
    assert code == 0, log
code, log, quality, units = run(author, main, {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": start})
assert (code, units.get("failures")) == (0, "0"), log
assert not list(tmp.rglob("pwned"))
print("ok: the GitLab job judges merge requests, merged results and pushes")
