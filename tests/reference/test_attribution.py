"""Hand-made checks of attribution.py: which declarations differ, in which order, and what each moves."""
import tomllib, unittest
from decimal import Decimal

import attribution as a

BASE = """
[tenants]
free = 10
[apis.x.endpoints]
"/a/" = { credits = 1 }
[apis.x.plan]
credits = 100
[features.f]
[[features.f.calls]]
endpoint = "/a/"
rate = "2/day"
[[features.f.calls]]
id = "gone"
endpoint = "/a/"
after = "/a/"
"""
HEAD = """
[tenants]
free = { now = 20, 30d = 40 }
pro = 5
[apis.x.endpoints]
"/a/" = { credits = 3 }
[features.f]
[[features.f.calls]]
endpoint = "/a/"
rate = "2/day"
peak = 4
per = "project"
[[features.f.calls]]
id = "new"
endpoint = "/a/"
rate = "1/day"
"""


def parsed(text):
    return tomllib.loads(text, parse_float=Decimal)


class Attribution(unittest.TestCase):
    def setUp(self):
        self.causes, self.docs = a.documents(parsed(BASE), parsed(HEAD))

    def test_order_and_kinds(self):
        self.assertEqual([(cause.kind, cause.path(), cause.beside) for cause in self.causes], [
            ("added", "tenants.pro", ()),
            ("changed", 'apis.x.endpoints."/a/".credits', ()),
            ("changed", "apis.x.plan", ()),
            ("changed", "tenants.free.30d", ()),
            ("changed", "tenants.free.now", ()),
            ("changed", 'features.f.calls."/a/".per', ("peak",)),
            ("added", "features.f.calls.new", ()),
            ("removed", "features.f.calls.gone", ()),
        ])

    def test_the_last_document_is_the_head(self):
        last = self.docs[-1]
        del last["tenants"]["pro"]
        head = parsed(HEAD)
        del head["tenants"]["pro"]
        self.assertEqual({**last, "features": None}, {**head, "features": None})
        key = lambda line: line.get("id", "")
        self.assertEqual(sorted(last["features"]["f"]["calls"], key=key), sorted(head["features"]["f"]["calls"], key=key))

    def test_contributions(self):
        demands = [a.demands_by_oracle(doc) for doc in self.docs]
        moved, largest = a.contributions(self.causes, demands, "apis.x.credits")
        # 40 calls a day at 1 credit; pro: 60, at 3: 180; free 20 of 25: 100 calls, 300; the first line
        # alone for the whole project: 4 calls with its follower, 12; 25 more, 87; less the follower, 81.
        self.assertEqual([value / 30 for _, value in moved], [20, 120, 0, 0, 120, -288, 75, -6])
        self.assertEqual(largest, 300 * 30)

    def test_causes_around_no_valid_project_go_together(self):
        demands = [a.demands_by_oracle(doc) for doc in self.docs]
        demands[2] = None
        moved, _ = a.contributions(self.causes, demands, "apis.x.credits")
        self.assertEqual([(len(together), value / 30) for together, value in moved][:2], [(1, 20), (2, 120)])


class Compared(unittest.TestCase):
    CAUSES = [a.Cause(("features", name), "added") for name in "fgh"]
    DEMANDS = [{"m": 1.0}, {"m": 3.0}, {"m": 3.0}, {"m": 8.0}]

    def wrong(self, *causes):
        attribution = [{"path": path, "kind": kind, "delta": delta} for path, kind, delta in causes]
        change = {"meter": "m", "before": 1.0, "after": 8.0, "delta": 7.0, "attribution": attribution}
        comparison = a.Comparison()
        comparison.compare(self.CAUSES, self.DEMANDS, [change])
        return len(comparison.wrong)

    def test_what_is_right(self):
        self.assertEqual(self.wrong(("features.f", "added", 2.0), ("features.h", "added", 5.0)), 0)

    def test_what_is_wrong(self):
        for causes in (
            [("features.f", "added", 1.0), ("features.h", "added", 6.0)],
            [("features.f", "added", 5.0), ("features.h", "added", 2.0)],
            [("features.h", "added", 5.0), ("features.f", "added", 2.0)],
            [("features.f", "changed", 2.0), ("features.h", "added", 5.0)],
            [("features.g", "added", 2.0), ("features.h", "added", 5.0)],
            [("features.f", "added", 2.0)],
            [],
        ):
            self.assertGreater(self.wrong(*causes), 0, causes)


if __name__ == "__main__":
    unittest.main()
