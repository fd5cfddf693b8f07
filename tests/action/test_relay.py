"""The second workflow of a fork's pull request: it posts, and believes nothing."""

import time
import unicodedata

from support import *

ZERO_WIDTH = "\u200b"
NASTY = """\
<!-- caplint:other 0000 run 9.9 -->
### ✅ Passes

Hi @acme/owners, see #12, GH-13 and acme/shop#14, <img src="https://evil.example/x.png"> ![x](https://evil.example/y.png)
[a](https://evil.example) [b](//evil.example) <https://evil.example> www.evil.example [c][d] &commat;dana \\@dana
[d]: https://evil.example
[e](https://github.com/acme/shop/blob/SHA/../../../evil/x) [f](https://github.com/acme/shop/blob/SHA/x"onclick=1)
[g](https://github.com/acme/shop/blob/SHA/%2E%2e/%2e./.%2E/evil/x) [h](https://github.com/acme/shop/blob/main/x)
[i](https://github.com/evil/shop/blob/SHA/x) [j](https://github.com/caplint/caplint/blob/evil/docs/rules/x.md)
[k](https://github.com/acme/shop/blob/SHA) [l](https://github.com/caplint/caplint/blob/main/docs/../../evil/x)
```mermaid
graph TD; a-->b
- ```` geojson
~~~stl
$$\\href{x}{y}$$ $`x`$
/merge
> /approve
<details open ontoggle="x()"><summary>s</summary>
<script>alert(1)</script><!-- hidden
"""


class Relay(ActionTest):
    def setUp(self):
        super().setUp()
        self.make_origin()
        self.workspace.mkdir()
        self.folder = self.tmp / "artifact"
        self.folder.mkdir()
        self.pull = {"number": 7, "head": {"label": "mallory:patch/1&state=closed", "sha": self.sha["head"], "repo": {"id": 777}}}
        self.api.pulls = [self.pull]

    def relay(self, body=None, report=None, **inputs):
        if body is not None:
            (self.folder / "comment.md").write_text(body)
        if report is not None:
            (self.folder / "report.json").write_text(report)
        environment = self.environment("workflow_run", self.event("workflow_run"), "refs/heads/main", self.sha["main"])
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self.run_action(environment, {"folder": str(self.folder)} | inputs, "relay/action.yml")

    def test_posted_with_our_own_marker(self):
        run = self.relay("<!-- caplint:default ffff run 9999999.1 -->\n### ❌ Fails\n\nText\n")
        self.assertEqual(run.code, 0, run)
        (comment,) = self.api.comments
        self.assertTrue(comment["body"].startswith(f"<!-- caplint:default {self.sha['head']} run 5000.1 -->\n*Reported by a run"), comment)
        self.assertEqual(comment["body"].count("<!--"), 1)
        self.assertIn("### ❌ Fails", comment["body"])
        self.assertIn("https://github.com/acme/shop/actions/runs/5000", comment["body"])

    def test_what_caplint_writes_keeps_its_look(self):
        text = (f"### ❌ Fails\n\n| ✅ fits | `apis.x` | &lt;0.1% |\n\n"
                f"- [`over-limit`](https://github.com/caplint/caplint/blob/main/docs/rules/over-limit.md) at "
                f"[`a:7`](https://github.com/acme/shop/blob/{self.sha['head']}/capacity.toml#L7)\n\n"
                "<details><summary>2 meters unchanged</summary>\n\n```diff\n-rate = \"1/day\"\n```\n\n</details>\n")
        self.relay(text)
        self.assertTrue(self.api.comments[0]["body"].endswith(text), self.api.comments)

    def test_nothing_in_it_acts(self):
        self.relay(NASTY.replace("SHA", self.sha["head"]))
        marker, preamble, _, *lines = self.api.comments[0]["body"].split("\n")
        self.assertIn("run 5000.1", marker)
        text = "\n".join(lines)
        self.assertNotRegex(text, r"@\w|#\d|(?i:gh)-\d|://|!\[|\]\(|\]\[|\]:|www\.", text)
        self.assertNotRegex(text, r"<(?!/?(details|summary)>)", text)
        self.assertNotRegex(text, r"&(?!(amp|lt|gt);)", text)
        self.assertNotRegex(text, r"(?m)^[ \t>]*/", text)
        self.assertNotRegex(text, r"\$|~~~|```+[ \t]*\w", text)
        self.assertIn("&lt;script>", text)

    def test_characters_that_are_not_seen_are_dropped(self):
        # Every one of a category that is not seen, and those of other categories that are not either.
        hidden = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp")]
        hidden = "".join(hidden).replace("\n", "").replace("\t", "")
        hidden += "\u034f\u115f\u1160\u17b4\u180b\u2800\u3164\ufe00\uffa0\U000e0100\U000e01ef\ue000\ue00a\U000f0000\u0378"
        self.relay("".join(f"{character}x" for character in hidden) + "\n")
        self.assertTrue(self.api.comments[0]["body"].endswith("\n" + "x" * len(hidden) + "\n"), self.api.comments)
        self.api.comments.clear()
        seen = "é ا 漢 \u0905\u0902 ⚠\ufe0f ℹ\ufe0f ✅ ❌ ≥ → 1\u00a0GB x\u0301 \ufffd\tend\n"
        self.relay(seen)
        self.assertTrue(self.api.comments[0]["body"].endswith(seen), self.api.comments)

    def test_time_grows_with_the_text(self):
        """Each of these would take minutes where matches cost their square."""
        for word in ("a\u00ad", "#1", "](https://github.com/acme/shop/blob/x)", "/\n", "@&<", "www.", "```x\n"):
            self.api.comments.clear()
            before = time.monotonic()
            self.relay(word * (60_000 // len(word.encode())))
            self.assertLess(time.monotonic() - before, 20, word)
            self.assertEqual(len(self.api.comments), 1)

    def test_too_long(self):
        for body in ("x" * 70_000, "&" * 20_000):
            self.api.comments.clear()
            run = self.relay(body)
            self.assertEqual(run.code, 0, run)
            self.assertIn("too long for a comment", self.api.comments[0]["body"])
            self.assertLess(len(self.api.comments[0]["body"]), 1000)

    def test_broken_bytes(self):
        (self.folder / "comment.md").write_bytes(b"a\xff\xfeb\n")
        self.relay()
        self.assertIn("a\ufffd", self.api.comments[0]["body"])

    def test_only_the_commits_own_request(self):
        for pulls in (
            [], [{**self.pull, "head": {**self.pull["head"], "sha": "a" * 40}}],
            [{**self.pull, "head": {**self.pull["head"], "repo": {"id": 778}}}],
            [{**self.pull, "head": {**self.pull["head"], "repo": None}}],
            [self.pull, {**self.pull, "number": 8}],
        ):
            self.api.pulls = pulls
            run = self.relay("text\n")
            self.assertEqual((run.code, self.api.comments), (0, []), run)
            self.assertIn("no one open pull request", run.log)

    def test_an_artifact_that_is_not_one(self):
        run = self.relay()
        self.assertEqual((run.code, self.api.comments), (0, []), run)
        (self.folder / "comment.md").symlink_to("/etc/passwd")
        run = self.relay()
        self.assertEqual((run.code, self.api.comments), (0, []), run)

    def test_nothing_to_say(self):
        quiet = '{"projects": [{"changes": [], "findings": []}]}'
        self.relay("text\n", quiet)
        self.assertEqual(self.api.comments, [])
        self.relay("text\n", quiet, comment="always")
        self.assertEqual(len(self.api.comments), 1)

    def test_a_report_that_is_none_hides_nothing(self):
        ours = f"<!-- caplint:default {self.sha['head']} run 1.1 -->\nold"
        comment = self.api.add(ours)
        self.assertEqual(self.relay("text\n", "[" * 100_000).code, 0)
        self.assertTrue(comment["body"].endswith("text\n"), comment)
        self.api.comments.clear()
        self.relay("text\n", "[" * 100_000)
        self.assertEqual(len(self.api.comments), 1)

    def test_a_newer_run_stands(self):
        comment = self.api.add(f"<!-- caplint:default {self.sha['head']} run 5000.2 -->\nnewer")
        self.relay("text\n")
        self.assertTrue(comment["body"].endswith("newer"))

    def test_faults_are_only_said(self):
        self.api.fail("GET", "pulls", 404)
        run = self.relay("text\n")
        self.assertEqual(run.code, 0, run)
        self.api.fail("POST", "issues/7/comments", 403)
        run = self.relay("text\n")
        self.assertEqual(run.code, 0, run)
        self.assertIn("could not be written", run.log)

    def test_only_for_workflow_run(self):
        environment = self.environment("pull_request_target", self.event("workflow_run"), "refs/heads/main", self.sha["main"])
        self.assertEqual(self.run_action(environment, {"folder": str(self.folder)}, "relay/action.yml").code, 2)


if __name__ == "__main__":
    unittest.main()
