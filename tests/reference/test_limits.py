"""Hand-computed checks of what limits count, and for whom."""
import math, unittest

import limits
import test_oracle

run = test_oracle.run


class Limits(unittest.TestCase):
    def near(self, a, b, rel=1e-9):
        self.assertTrue(a is not None and math.isclose(a, b, rel_tol=rel), (a, b))

    def demands(self, r, start):
        return {i[len(start):]: x["demand"]["point"] for i, x in r["m"].items() if i.startswith(start) and x["kind"] in ("rate", "concurrency")}

    EXCLUSIVE = """
[apis.x]
rate_limit = "1000/day"
endpoints."a.one" = { credits = 1 }
endpoints."a.two" = { credits = 10 }
endpoints."b" = { credits = 100 }
[features.f]
calls = [{ endpoint = "a.one", rate = "1/day", per = "project" }, { endpoint = "a.two", rate = "2/day", per = "project" },
         { endpoint = "b", rate = "4/day", per = "project" }]
"""

    def test_counts(self):
        r = run(self.EXCLUSIVE + """
[[apis.x.limits]]
id = "units"
rate = "500/day"
counts = "credits"
[[apis.x.limits]]
id = "as"
rate = "500/h"
endpoints = ["a.*"]
""")
        # 1 + 20 + 400 credits; 3 of the seven calls are of `a.`.
        d = self.demands(r, "apis.x.rate.")
        self.assertEqual(set(d), {"day", "units", "as"})
        self.near(d["day"], 7)
        self.near(d["units"], 421)
        self.near(d["as"], 3 / 24)
        self.assertEqual(r["m"]["apis.x.rate.units"]["unit"], "credits/day")
        self.assertEqual(r["m"]["apis.x.rate.as"]["unit"], "calls/h")
        self.near(r["m"]["apis.x.rate.units"]["utilization"], 0.842)

    def test_exclusive(self):
        text = self.EXCLUSIVE + """
[[apis.x.limits]]
id = "as"
rate = "500/day"
endpoints = ["a.*"]
exclusive = true
[[apis.x.limits]]
id = "all"
rate = "500/day"
counts = "credits"
[[apis.x.limits]]
id = "named"
rate = "500/day"
endpoints = ["a.one", "b"]
"""
        # `as` takes both from `day` and `all`; `named` names one of them, and `b` is nobody's.
        d = self.demands(run(text), "apis.x.rate.")
        self.assertEqual({k: round(v, 9) for k, v in d.items()}, {"day": 4, "as": 3, "all": 400, "named": 5})
        # One that names the endpoint takes it from another exclusive one.
        d = self.demands(run(text + """
[[apis.x.limits]]
id = "one"
rate = "5/day"
endpoints = ["a.one"]
exclusive = true
"""), "apis.x.rate.")
        self.assertEqual({k: round(v, 9) for k, v in d.items()}, {"day": 4, "as": 2, "all": 400, "named": 5, "one": 1})
        # One without limit still takes its endpoints out of the others.
        d = self.demands(run(text.replace('id = "as"\nrate = "500/day"', 'id = "as"\nrate = "none"')), "apis.x.rate.")
        self.assertEqual({k: round(v, 9) for k, v in d.items()}, {"day": 4, "all": 400, "named": 5})

    def test_covers(self):
        m = test_oracle.o.Model({})

        def limit(*endpoints):
            return limits.Limit(m, {"id": "x", "rate": "1/s", "endpoints": list(endpoints), "exclusive": True})
        wild, also_wild, named, also_named = limit("a*"), limit("*b"), limit("ab"), limit("ab", "c")
        plain = limits.Limit(m, {"rate": "1/s"})
        # Of two that match with a wildcard both count it; where two name it, those two.
        self.assertEqual([x.covers("ab", [wild, also_wild, plain]) for x in (wild, also_wild, plain)], [True, True, False])
        everyone = [wild, also_wild, named, also_named, plain]
        self.assertEqual([x.covers("ab", everyone) for x in everyone], [False, False, True, True, False])

    def test_without_a_whole_limit(self):
        # A limit of some endpoints, or of each tenant, is none of the whole API.
        r = run(self.EXCLUSIVE.replace('rate_limit = "1000/day"', "") + """
[[apis.x.limits]]
id = "b"
rate = "5/day"
endpoints = ["b"]
exclusive = true
""")
        d = self.demands(r, "apis.x.rate.")
        self.near(d["s"], 7 / 86400)
        self.assertEqual(r["m"]["apis.x.rate.s"]["verdict"], "unlimited")

    def test_concurrency(self):
        # 3,600 calls an hour of 2 s at a peak of 3: 1/s · 2 s · 3 = 6 at once, and retries 1.5 times that. The
        # batch of 100 each hour within 50 s: 100 · 4/50 = 8 within 4 s.
        r = run("""
[apis.x]
retry_ratio = 0.5
endpoints."/a" = { credits = 1, duration = "2s" }
endpoints."/b" = { credits = 1, duration = { each = { p50 = "4s", p90 = "4s" } } }
endpoints."/c" = { credits = 1 }
limits = [{ id = "at-once", concurrent = { now = 20, max = 40 }, endpoints = ["/a", "/b"] }]
[features.f]
calls = [{ endpoint = "/a", rate = "3600/h", per = "project", peak = 3 }, { endpoint = "/b", rate = "every 1h", per = "project", spread = "50s", cache = { hit_ratio = 0 } },
         { endpoint = "/c", rate = "3600/h", per = "project" }]
[scenarios.s]
rates = { f = 2 }
""".replace('rate = "every 1h", per = "project"', 'rate = "every 1h", per = "e"') + """
[entities]
e = { count = 100, fixed = true }
""")
        x = r["m"]["apis.x.concurrency.at-once"]
        self.assertEqual((x["kind"], x["unit"], x["limit"]), ("concurrency", "calls", 20))
        self.near(x["demand"]["point"], 1.5 * (6 + 8))
        self.assertEqual(r["s"]["s"]["apis.x.concurrency.at-once"]["limit"], 40)
        self.near(r["s"]["s"]["apis.x.concurrency.at-once"]["demand"]["point"], 42)

    def test_per_tenant(self):
        # A store of `standard` makes 20 credits/s of 100, one of `plus` 620 of 1,000, and ten times that at the largest.
        text = """
[tenants]
standard = { now = 500, 90d = 0 }
plus = 20
idle = 0
[apis.x]
endpoints."o" = { credits = 10 }
endpoints."e" = { credits = 400 }
limits = [{ id = "store", rate = { standard = "100/s", plus = { now = "1000/s", max = "9000/s" }, idle = "1/s" }, counts = "credits", per = "tenant" LARGEST }]
[features.f]
adoption = 0.1
calls = [{ endpoint = "o", rate = "2/s" }, { endpoint = "e", rate = "1.5/s", tenants = ["plus"] }]
[scenarios.s]
tenants = 100
"""
        r = run(text.replace("LARGEST", ""))
        x = r["m"]["apis.x.rate.store"]
        self.near(x["demand"]["point"], 620)
        self.near(x["utilization"], 0.62)
        self.assertEqual((x["limit"], x["detail"], x["breaking_point"], x["unit"]), (1000, {"tier": "plus"}, None, "credits/s"))
        # With plus raised to 9,000/s: 0.0689 there, 0.2 of standard.
        y = r["s"]["s"]["apis.x.rate.store"]
        self.assertEqual((y["detail"], y["limit"], y["breaking_point"]), ({"tier": "standard"}, 100, None))
        x = run(text.replace("LARGEST", ", largest = 10"))["m"]["apis.x.rate.store"]
        self.near(x["utilization"], 6.2)
        self.assertEqual((x["verdict"], x["breaking_point"]), ("breaks", 0))
        # Nobody there, nothing to judge.
        x = run(text.replace("LARGEST", "").replace("plus = 20", "plus = 0").replace("now = 500", "now = 0"))["m"]["apis.x.rate.store"]
        self.assertEqual((x["demand"]["point"], x["limit"], x["verdict"], x["detail"]), (0, None, "unlimited", {}))

    def test_per_entity(self):
        # A shop of `pro` has 2 devices and 6 accounts: of one device, a tenant's line counts half, an account's three times.
        r = run("""
[tenants]
pro = 10
free = 90
[entities]
device = { per_tenant = { pro = 2 } }
account = { per_tenant = 6 }
crawler = { count = 7 }
[apis.x]
endpoints."t" = {}
limits = [{ id = "device", rate = "100/day", per = "device" }, { id = "crawler", rate = "1/min", per = "crawler" }]
[features.f]
calls = [{ id = "t", endpoint = "t", rate = "8/day" }, { id = "d", endpoint = "t", rate = "5/day", per = "device" },
         { id = "a", endpoint = "t", rate = "1/day", per = "account" }, { id = "c", endpoint = "t", rate = "144/day", per = "crawler" },
         { id = "p", endpoint = "t", rate = "1000/day", per = "project" }, { id = "next", endpoint = "t", after = "d", fanout = 2 }]
""")
        x = r["m"]["apis.x.rate.device"]
        self.near(x["demand"]["point"], 4 + 5 + 3 + 10)
        self.assertEqual(x["detail"], {"tier": "pro"})
        x = r["m"]["apis.x.rate.crawler"]
        self.near(x["demand"]["point"], 0.1)
        self.assertEqual(x["detail"], {})

    def test_batches_and_bursts_of_a_member(self):
        text = """
[tenants]
a = 50
[apis.x]
endpoints."e" = {}
endpoints."g" = {}
limits = [{ id = "own", rate = "LIMIT/min", per = "tenant", largest = 2 }]
[queues.q]
broker = "sqs"
message_size = 1
[features.f]
messages = [{ queue = "q", rate = "RATE", count = 30 SPREAD }]
calls = [{ endpoint = "e", after = "q", fanout = 2 }, { endpoint = "g", after = "e", cache = { hit_ratio = 0.5 } }]
"""
        def demand(limit, rate, spread=""):
            r = run(text.replace("LIMIT", str(limit)).replace("RATE", rate).replace("SPREAD", spread))
            return r["m"]["apis.x.rate.own"]["demand"]["point"]
        # A tenant's batch: 60 calls of `e` and 30 of `g`, whole in the minute without a spread, a tenth of it with 10 min.
        self.near(demand(1000, "every 1h"), 180)
        self.near(demand(1000, "every 1h", ', spread = "10m"'), 18)
        self.near(demand(1000, "every 30s"), 360)
        # Steady: 24 a day of 90 are 1.5 a minute, 3 of the largest; one of them alone comes to 90, which counts where it is over.
        self.near(demand(90, "24/day"), 3)
        self.near(demand(89, "24/day"), 90)
        # Within 2 min half of it at most.
        self.near(demand(44, "24/day", ', spread = "2m"'), 45)
        self.near(demand(45, "24/day", ', spread = "2m"'), 3)
        # Nothing comes of a line that never happens.
        self.assertEqual(demand(10, "0/day"), 0)

    def test_models(self):
        r = run("""
[tenants]
a = 100
[models.m]
price = { per = 1000, input = 1.0, output = 2.0 }
retry_ratio = 0.5
duration = "36s"
step = 1000
limits = [{ id = "tokens", rate = "1M/h", counts = ["input", "output"] }, { id = "runs", rate = "5/h", per = "tenant" },
          { id = "out", rate = "500/min", counts = "output" }, { id = "slots", concurrent = 2 }]
[features.f]
inference = [{ model = "m", rate = "1/h", units = { input = 300, output = 100 } }]
""")
        d = self.demands(r, "models.m.")
        # 150 runs an hour of 400 as used; of one tenant 1.5; 150/60·100; 150/3600·36 at once.
        self.near(d["rate.tokens"], 60_000)
        self.near(d["rate.runs"], 1.5)
        self.near(d["rate.out"], 250)
        self.near(d["concurrency.slots"], 1.5)
        units = {i: x["unit"] for i, x in r["m"].items() if x["kind"] in ("rate", "concurrency")}
        self.assertEqual(units, {"models.m.rate.tokens": "input+output/h", "models.m.rate.runs": "requests/h",
                                 "models.m.rate.out": "output/min", "models.m.concurrency.slots": "runs"})

    def test_none(self):
        # A limit that was decided against is none; its meters are as without it.
        r = run("""
[apis.x]
rate_limit = "none"
budget = "none"
endpoints."e" = { duration = "1s" }
limits = [{ id = "a", rate = "none" }, { id = "b", concurrent = "none" }, { id = "c", rate = { now = "1/s", max = "none" } }]
[databases.d]
storage = { now = "1GB", max = "none" }
reads = "none"
[features.f]
calls = [{ endpoint = "e", rate = "1/day", per = "project" }]
""")
        self.assertEqual(sorted(i for i in r["m"] if i.startswith("apis")), ["apis.x.credits", "apis.x.rate.c"])
        self.assertNotIn("databases.d.reads", r["m"])
        self.assertEqual(r["m"]["databases.d.storage"]["limit"], 1e9)
        self.assertIsNone(r["s"]["10x"]["databases.d.storage"]["limit"])


if __name__ == "__main__":
    unittest.main()
