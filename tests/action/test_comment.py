"""The comment: found, created, updated, or left alone; and nothing of it changes a verdict."""

from support import *


class Comments(ActionTest):
    def setUp(self):
        super().setUp()
        self.make_origin()
        self.checkout(self.sha["merge"], "refs/remotes/pull/7/merge", 2)

    def run_on(self, head=None, run_id=None, **inputs):
        if head is not None:
            git = self.origin
            git("checkout", "--quiet", "feature")
            self.sha["head"] = git.commit("again", capacity__toml=head)
            git("checkout", "--quiet", "--detach", "main")
            git("merge", "--quiet", "--no-ff", "-m", "Merge 7", "feature")
            self.sha["merge"] = git("rev-parse", "HEAD")
            self.checkout(self.sha["merge"], "refs/remotes/pull/7/merge", 2)
        environment = self.environment("pull_request", self.event("pull_request"), "refs/pull/7/merge", self.sha["merge"])
        if run_id:
            environment["GITHUB_RUN_ID"], environment["GITHUB_RUN_ATTEMPT"] = run_id
        return self.run_action(environment, {name.replace("_", "-"): value for name, value in inputs.items()})

    def is_failing_verdict(self, run):
        self.assertEqual((run.code, run.outputs["verdict"]), (1, "fail"), run)

    def marker(self, run, attempt=1, sha=None, name="default"):
        return f"<!-- caplint:{name} {sha or self.sha['head']} run {run}.{attempt} -->\n"

    def test_created_updated_and_well_again(self):
        self.is_failing_verdict(self.run_on())
        self.assertTrue(self.api.comments[0]["body"].startswith(self.marker(101) + "### ❌ Capacity check failed: "))
        run = self.run_on(head=GOOD)
        self.assertEqual(run.code, 0, run)
        (comment,) = self.api.comments
        self.assertTrue(comment["body"].startswith(self.marker(102) + "✅ Capacity OK"), comment)

    def test_nothing_to_say(self):
        run = self.run_on(head=GOOD)
        self.assertEqual((run.code, self.api.comments), (0, []), run)
        self.assertIn("nothing to say", run.log)
        self.run_on(comment="always")
        self.assertEqual(len(self.api.comments), 1)
        self.api.log.clear()
        self.is_failing_verdict(self.run_on(head=BAD, comment="never"))
        self.assertEqual(self.api.log, [])

    def test_a_change_that_fits_is_said_too(self):
        run = self.run_on(head=GOOD.replace("100/day", "110/day"))
        self.assertEqual(run.code, 0, run)
        self.assertIn("+10%", self.api.comments[0]["body"])

    def test_found_behind_many_others(self):
        self.api.page = 10
        for number in range(25):
            self.api.add(f"Comment {number}", "dana")
        ours = self.api.add(self.marker(1) + "old")
        self.api.add("Last", "dana")
        self.is_failing_verdict(self.run_on())
        self.assertEqual(len(self.api.comments), 27)
        self.assertIn("### ❌", ours["body"])
        self.assertEqual([path[-7:] for path in self.api.requests("GET")], ["&page=1", "&page=2", "&page=3"])
        self.assertFalse([path for _, path in self.api.log if "elsewhere" in path])

    def test_somebody_elses_marker(self):
        theirs = [self.api.add(self.marker(1) + "mine", "mallory"),
                  self.api.add(self.marker(99999) + "newer", "mallory[bot]"),
                  self.api.add("> " + self.marker(99999) + "quoted"),
                  self.api.add("Hello\n" + self.marker(99999))]
        before = copy.deepcopy(theirs)
        self.is_failing_verdict(self.run_on())
        self.assertEqual(theirs, before)
        self.assertEqual(len(self.api.comments), 5)
        self.assertEqual(self.api.requests("PATCH"), [])

    def test_own_name_of_another_token(self):
        self.api.login = "capacity-bot[bot]"
        theirs = self.api.add(self.marker(1) + "theirs", ME)
        ours = self.api.add(self.marker(1) + "ours", "Capacity-Bot[bot]")
        ours["user"]["login"] = "capacity-bot[bot]"
        self.is_failing_verdict(self.run_on())
        self.assertIn("theirs", theirs["body"])
        self.assertIn("### ❌", ours["body"])
        self.api.fail("POST", "graphql", 403)
        self.api.login = ME
        self.run_on()
        self.assertIn("### ❌", theirs["body"], "a workflow's own token where nobody says whose it is")

    def test_comments_of_other_ids(self):
        other = self.api.add(self.marker(1, name="default-2") + "other")
        self.is_failing_verdict(self.run_on())
        self.assertIn("other", other["body"])
        self.run_on(comment_id="default-2")
        self.assertTrue(other["body"].startswith(self.marker(102, name="default-2") + "### ❌"), other)
        self.assertEqual(len(self.api.comments), 2)

    def test_a_newer_run_stands(self):
        for run, attempt in ((500, 1), (101, 2)):
            self.api.comments.clear()
            newer = self.api.add(self.marker(run, attempt, "f" * 40) + "newer")
            result = self.run_on(run_id=("101", "1"))
            self.is_failing_verdict(result)
            self.assertIn("newer run", result.log)
            self.assertTrue(newer["body"].endswith("newer"))
            self.assertEqual(len(self.api.comments), 1)
        self.run_on(run_id=("101", "2"))
        self.assertIn("### ❌", newer["body"], "the same run may")

    def test_a_comment_without_a_run(self):
        old = self.api.add(f"<!-- caplint:default {'a' * 40} -->\nold")
        self.is_failing_verdict(self.run_on())
        self.assertIn("### ❌", old["body"])

    def test_faults_that_stay(self):
        for status, words in ((403, "may not comment here"), (404, "status 404"), (422, "status 422"), (410, "status 410")):
            for method, path in (("POST", "issues/7/comments"), ("GET", "issues/7/comments")):
                self.api.fail(method, path, status)
                run = self.run_on()
                self.is_failing_verdict(run)
                self.assertIn(words, run.log)
                self.assertIn("### ❌ Capacity check failed: ", run.summary)
                self.assertNotRegex(run.log, r"(?m)^of the", "a message is one line of the log")
                self.assertEqual((self.api.comments, self.api.faults), ([], []))
        comment = self.api.add(self.marker(1) + "old")
        self.api.fail("PATCH", "comments", 403)
        self.is_failing_verdict(self.run_on())
        self.assertTrue(comment["body"].endswith("old"))

    def test_faults_that_pass(self):
        self.api.fail("POST", "graphql", 502)
        self.api.fail("GET", "issues/7/comments", 500, 503)
        self.api.fail("POST", "issues/7/comments", 500, 502)
        self.is_failing_verdict(self.run_on())
        self.assertEqual((len(self.api.comments), self.api.faults), (1, []))
        self.api.fail("PATCH", "comments", 502, 429, 500)
        self.is_failing_verdict(self.run_on())
        self.assertTrue(self.api.comments[0]["body"].startswith(self.marker(102)), self.api.comments)

    def test_a_fault_after_it_was_created(self):
        self.api.fail("POST", "issues/7/comments", -502)
        self.is_failing_verdict(self.run_on())
        self.assertEqual(len(self.api.comments), 1, "it is looked for before it is repeated")

    def test_retries_end(self):
        self.api.fail("POST", "issues/7/comments", *[500] * 50)
        run = self.run_on()
        self.is_failing_verdict(run)
        self.assertEqual(len(self.api.requests("POST")), 1 + 4)
        self.assertIn("status 500", run.log)

    def test_nobody_answers(self):
        environment = self.environment("pull_request", self.event("pull_request"), "refs/pull/7/merge", self.sha["merge"],
                                       {"GITHUB_API_URL": "http://127.0.0.1:1", "GITHUB_GRAPHQL_URL": "http://127.0.0.1:1"})
        run = self.run_action(environment)
        self.is_failing_verdict(run)
        self.assertIn("nobody answered", run.log)

    def test_no_token(self):
        run = self.run_on(github_token="")
        self.is_failing_verdict(run)
        self.assertEqual(self.api.log, [])

    def test_the_token_is_not_shown(self):
        self.api.fail("POST", "issues/7/comments", 403)
        self.assertNotIn("s3cret", self.run_on().log)

    def test_a_long_report_is_posted(self):
        tables = "".join(f'[tables.t{number}]\nkind = "event"\nrow_size = "1kB"\n\n' for number in range(900))
        run = self.run_on(head=GOOD + "\n" + tables)
        self.is_failing_verdict(run)
        self.assertLessEqual(len(self.api.comments[0]["body"]), 65_536)
        self.assertLessEqual(len(run.summary.encode()), 1 << 20)


if __name__ == "__main__":
    unittest.main()
