"""Hand-computed checks of money, of reads, of what topics keep, and of growth and peaks over time."""
import math, unittest

import oracle
import test_oracle

run = test_oracle.run


class Near(unittest.TestCase):
    def near(self, a, b, rel=1e-9):
        self.assertTrue(a is not None and math.isclose(a, b, rel_tol=rel), (a, b))


class Money(Near):
    TEXT = """
[project]
horizon = "100d"
[tenants]
a = { now = 10, 50d = 20 }
[apis.x]
plan = { credits = 100_000, price = 30 }
endpoints."e" = { credits = 1 }
[databases.db]
overhead = 0.5
storage = { now = "1MB", max = "2MB" }
price = { per = "1KB", month = 0.10 }
budget = 4
[tables.t]
kind = "event"
row_size = 100
retention = "forever"
existing = 20_000
[tables.s]
kind = "state"
row_size = 100
rows = 10
existing = 5000
[queues.q]
broker = "kafka"
message_size = 1000
retention = "1d"
price = { per = "10KB", month = 2 }
[costs.fixed]
price = 412.50
[budgets.stored]
of = ["databases.*", "queues.q", "q*"]
budget = { now = 100, max = 1000 }
[budgets.total]
budget = 600
[features.f]
calls = [{ endpoint = "e", rate = "1/day" }]
writes = [{ table = "t", rate = "1/day" }]
messages = [{ queue = "q", rate = "3/day" }]
[scenarios.g]
tenants = 3
[scenarios.e]
tenants = 3
on = 2026-12-01
lasts = "6d"
"""

    def spends(self, meters):
        return {i[:-6]: x["demand"]["point"] for i, x in meters.items() if x["kind"] == "spend"}

    def test_today(self):
        r = run(self.TEXT)
        s = self.spends(r["m"])
        # On disk 20,000 and, of the state table, 10·10·100 = 10,000 with half on top: 45 KB at 0.10 each.
        self.near(s["databases.db"], 4.5)
        # 30 messages of 1 KB a day are kept: 3 · 2.
        self.near(s["queues.q"], 6)
        self.near(s["apis.x"], 30)
        self.near(s["costs.fixed"], 412.5)
        self.near(s["budgets.stored"], 10.5)
        self.near(s["budgets.total"], 453)
        self.assertEqual(r["m"]["budgets.total.spend"]["limit"], 600)
        self.assertEqual(r["m"]["databases.db.spend"]["verdict"], "breaks")
        # 453/600 is 75.5 %: money is tight from 90 %.
        self.assertEqual(r["m"]["budgets.total.spend"]["verdict"], "fits")

    def test_storage_detail(self):
        d = run(self.TEXT)
        x = d["m"]["databases.db.storage"]["detail"]
        self.assertEqual((x["now"], x["day"]), (45_000, 100))
        self.near(x["now_utilization"], 0.045)
        x = d["h"][60]["databases.db.storage"]["detail"]
        self.assertEqual((x["now"], x["day"]), (45_000, 60))
        x = d["s"]["g"]["databases.db.storage"]["detail"]
        self.assertEqual((x["now"], x["day"], x["now_utilization"]), (45_000, 100, 0.0225))

    def test_later(self):
        r = run(self.TEXT)
        # Day 60: rows of 60 days, 10 + d/5 a day to day 50 (745 of them) and 20 from there (200), so 94,500 and
        # 20,000, the state table 20,000 on that day: 134,500 · 1.5 / 1000 · 0.10.
        self.near(self.spends(r["h"][60])["databases.db"], 134.5 * 1.5 * 0.1)
        self.near(self.spends(r["h"][60])["queues.q"], 12)

    def test_scenarios(self):
        r = run(self.TEXT)
        # 30 rows a day for 100 days, and 30 tenants' state: 300,000 + 20,000 + 30,000.
        s = self.spends(r["s"]["g"])
        self.near(s["databases.db"], 350 * 1.5 * 0.1)
        self.near(s["queues.q"], 18)
        self.near(s["budgets.stored"], 52.5 + 18)
        self.assertEqual(r["s"]["g"]["budgets.stored.spend"]["limit"], 1000)
        self.assertIsNone(r["s"]["g"]["databases.db.spend"]["limit"])
        # Six days of 30: what is stored is today's, what is kept a fifth more of the scenario's.
        s = self.spends(r["s"]["e"])
        self.near(s["databases.db"], 4.5)
        self.near(s["queues.q"], 6 * 0.8 + 18 * 0.2)
        self.assertEqual(r["s"]["e"]["databases.db.spend"]["limit"], 4)
        self.near(r["s"]["e"]["queues.q.retained"]["demand"]["point"], 90_000)
        self.near(r["s"]["e"]["databases.db.storage"]["demand"]["point"], r["m"]["databases.db.storage"]["demand"]["point"])
        self.assertEqual(r["s"]["e"]["databases.db.storage"]["limit"], 2e6)

    def test_breaking_points(self):
        # 30 + 6k + 412.5 + 1.5·(20 + max(10k, 5))·0.1 = 600 → 7.5·k = 154.5.
        r = run(self.TEXT)
        self.near(r["m"]["budgets.total.spend"]["breaking_point"], 154.5 / 7.5, 1e-8)
        # The rows on disk alone cost 3, the state 1.5·k.
        self.near(r["m"]["databases.db.spend"]["breaking_point"], 2 / 3, 1e-8)

    def test_what_exists(self):
        r = run("""
[budgets.of-nothing-priced]
of = ["databases.*"]
budget = 5
[budgets.total]
budget = 5
[databases.d]
""")
        self.assertEqual(self.spends(r["m"]), {"budgets.of-nothing-priced": 0})
        r = run("""
[costs.a]
price = 7
""")
        self.assertEqual(self.spends(r["m"]), {"budgets.total": 7, "costs.a": 7})

    def test_spent_to_the_cent(self):
        # 35 · 30.00 = 1,050 of 1,050.00.
        r = run("""
[apis.x]
overage = { price = 30, per = 1 }
budget = 1050.00
endpoints."e" = { credits = 0.1 }
[features.f]
calls = [{ endpoint = "e", rate = "350/month", per = "project" }]
""")
        self.assertEqual(r["m"]["apis.x.spend"]["verdict"], "tight")


class Reads(Near):
    def test_reads(self):
        # 3,600 an hour at a peak of 2, half of them cached, 5 rows each: 5 rows/s; the batch of ten in 5 s: 2/s.
        r = run("""
[tenants]
a = 10
[databases.db]
reads = "6/s"
[tables.t]
kind = "state"
rows = 1
row_size = 1
[features.f]
reads = [{ table = "t", rate = "360/h", rows = 5, peak = 2, cache = { hit_ratio = 0.5 } },
         { id = "b", table = "t", rate = "every 1h", spread = "5s" }]
""")
        x = r["m"]["databases.db.reads"]
        self.near(x["demand"]["point"], 7)
        self.assertEqual((x["unit"], x["kind"], x["verdict"], x["limit"]), ("reads/s", "reads", "breaks", 6))
        l = {x["path"]: x for x in r["lines"]}
        self.assertEqual(l["features.f.reads.t"]["per_day"], {"requested": 86400, "reached": 43200, "rows": 216000})
        self.near(l["features.f.reads.t"]["peak_per_second"], 5)
        self.near(r["m"]["databases.db.writes"]["demand"]["point"] + 1, 1)

    def test_reads_after_a_message(self):
        # 100 messages at once, three reads each, by workers that take 2/s: 6 reads/s of 4 rows.
        r = run("""
[databases.db]
[tables.t]
kind = "event"
row_size = 1
[queues.q]
broker = "sqs"
message_size = 1
workers = { max = 2, rate = "1/s" }
[features.f]
messages = [{ queue = "q", rate = "every 1h", spread = "1s", per = "project", count = 100 }]
reads = [{ table = "t", after = "q", fanout = 3, rows = 4 }]
""")
        self.near(r["m"]["databases.db.reads"]["demand"]["point"], 24)


class Topics(Near):
    TEXT = """
[tenants]
a = 100
[queues.q]
broker = "kafka"
message_size = "1KB"
replication = 3
partitions = { now = 4, max = 8 }
%s
[features.f]
messages = [{ queue = "q", rate = "864/day" }]
[scenarios.s]
tenants = 3
payload = 2
"""

    def kept(self, keys):
        r = run(self.TEXT % keys)
        return r["m"]["queues.q.retained"], r["s"]["s"]["queues.q.retained"]

    def test_retention_bytes(self):
        # 1 KB/s for a day is 86.4 MB, four partitions of 10 MB keep 40; in the scenario 8 of them keep 80 MB of 6 KB/s.
        x, s = self.kept('retention = "1d"\nretention_bytes = "10MB"')
        self.near(x["demand"]["point"], 120e6)
        self.near(x["detail"]["kept_for"], 40_000)
        self.near(s["demand"]["point"], 240e6)
        self.near(s["detail"]["kept_for"], 80e6 / 6000)
        # Time alone, space alone.
        self.near(self.kept('retention = "1h"\nretention_bytes = "10MB"')[0]["demand"]["point"], 3.6e6 * 3)
        self.near(self.kept('retention_bytes = "100MB"')[0]["demand"]["point"], 1.2e9)

    def test_compact(self):
        # 7 keys of each tenant, of 1 KB, three times; in the scenario 300 tenants, of 2 KB.
        x, s = self.kept("compact = { keys = 7 }")
        self.near(x["demand"]["point"], 2.1e6)
        self.assertEqual(x["detail"], {})
        self.near(s["demand"]["point"], 12.6e6)
        self.near(self.kept('compact = { keys = 7, per = "project" }')[0]["demand"]["point"], 21_000)

    def test_cluster(self):
        # The smaller of 4 · 3 MB/s and what the cluster takes.
        r = run(self.TEXT % 'retention = "1d"\nthroughput = { now = "10MB/s", max = "100MB/s" }')
        self.assertEqual(r["m"]["queues.q.throughput"]["limit"], 10e6)
        self.assertEqual(r["s"]["s"]["queues.q.throughput"]["limit"], 24e6)


class Time(Near):
    def test_growth(self):
        # 100 · 1.1^(t/30): 110 on day 30, 100 · 1.1² on day 60. A fixed count grows too, but not with a scenario.
        r = run("""
[project]
horizon = "60d"
[tenants]
a = { now = 100, growth = "10%/month" }
[entities]
e = { count = { now = 1000, growth = "-50%/week" }, fixed = true }
[databases.d]
[tables.t]
kind = "event"
row_size = 1
[apis.x]
endpoints."e" = { credits = 1 }
[features.f]
calls = [{ endpoint = "e", rate = "1/day" }, { id = "e2", endpoint = "e", rate = "1/day", per = "e" }]
writes = [{ table = "t", rate = "1/day" }]
[scenarios.s]
tenants = 2
""")
        c = "apis.x.credits"
        self.near(r["m"][c]["demand"]["point"], 30 * 1100)
        self.near(r["h"][60][c]["demand"]["point"], 30 * (121 + 1000 * 0.5 ** (60 / 7)))
        self.near(r["s"]["s"][c]["demand"]["point"], 30 * 1200)
        # A day's rows are at that day's tenants: a geometric series.
        q = 1.1 ** (1 / 30)
        self.near(r["m"]["tables.t.storage"]["demand"]["point"], 100 * (q ** 60 - 1) / (q - 1))
        self.near(r["h"][30]["tables.t.storage"]["demand"]["point"], 100 * (q ** 30 - 1) / (q - 1))
        self.near(r["s"]["s"]["tables.t.storage"]["demand"]["point"], 200 * 60)

    def test_growth_until_tomorrow(self):
        # The rows of day 0, at the 100 tenants of day 0; with a growth, day 1 is no other day's.
        r = run("""
[project]
horizon = "30d"
[tenants]
a = { now = 100, growth = "100%/day" }
b = { now = 0, 1d = 7 }
[databases.d]
[tables.t]
kind = "event"
row_size = 1
max_size = 250
[features.f]
writes = [{ table = "t", rate = "1/day" }]
""")
        self.near(r["h"][1]["tables.t.storage"]["demand"]["point"], 100)
        self.assertEqual(r["m"]["tables.t.storage"]["detail"]["full_on_day"], 2)

    def test_gone(self):
        # -100 %: there on day 0, and on no other.
        r = run("""
[project]
horizon = "30d"
[tenants]
a = { now = 100, growth = "-100%/year" }
[databases.d]
[tables.t]
kind = "event"
row_size = 1
[features.f]
writes = [{ table = "t", rate = "1/day" }]
""")
        self.near(r["m"]["tables.t.storage"]["demand"]["point"], 100)
        self.assertEqual(r["h"][30]["databases.d.writes"]["demand"]["point"], 0)

    def test_peaks(self):
        # 86,400 a day: 1/s at the larger of both peaks, 3; a day of the busiest 2 days' worth; a week one week; 3.5 d half a week's 7/3.5.
        text = """
[project]
peak_day = 2
[apis.x]
rate_limit = ["10/s", "100000/h", "1M/day", "1M/84h", "1M/week", "10M/month"]
endpoints."e" = { credits = 1 }
[features.f]
calls = [{ endpoint = "e", rate = "86400/day", per = "project", peak = 3 PEAK }]
[queues.q]
broker = "sqs"
message_size = 1
"""
        def demands(more):
            m = run(text.replace("PEAK", more))["m"]
            return [m["apis.x.rate." + w]["demand"]["point"] for w in ("s", "h", "day", "84h", "week", "month")]
        for got, want in zip(demands(""), (3, 3 * 3600, 2 * 86400, 2 * 3.5 * 86400, 7 * 86400, 30 * 86400)):
            self.near(got, want)
        for got, want in zip(demands(", peak_day = 6"), (6, 6 * 3600, 6 * 86400, 7 * 86400, 7 * 86400, 30 * 86400)):
            self.near(got, want)

    def test_keys_of_a_cache(self):
        def reached(line):
            return run("""
[tenants]
a = 10
[apis.x]
endpoints."e" = {}
[features.f]
calls = [{ endpoint = "e", %s }]
""" % line)["lines"][0]["per_day"]["reached"]
        # Each tenant asks hourly for one of its 4 objects: each object every 4 h, so a ttl of 8 h serves one of two.
        self.near(reached('rate = "every 1h", cache = { ttl = "8h", keys = 4 }'), 120)
        self.near(reached('rate = "every 1h", cache = { ttl = "8h" }'), 30)
        self.near(reached('rate = "every 1h", cache = { ttl = "8h", keys = 0.1 }'), 30)
        # Steady, 24 a day of 4 objects: 6 a day each, λT = 2 of a ttl of 8 h.
        self.near(reached('rate = "24/day", cache = { ttl = "8h", keys = 4 }'), 240 / 3)

    def test_each_everywhere(self):
        # p50 2 and p90 4 on both sides of a lognormal: the mean is 2·e^(s²/2).
        mean = 2 * math.exp((math.log(2) / oracle.Z90) ** 2 / 2)
        r = run("""
[databases.d]
[tables.t]
kind = "event"
row_size = { each = { p50 = 2, p90 = 4 } }
[queues.q]
broker = "sqs"
message_size = { each = { p50 = "2B", p90 = "4B" } }
[features.f]
messages = [{ queue = "q", rate = "1/day", per = "project", count = { each = { p50 = 2, p90 = 4 } } }]
writes = [{ table = "t", after = "q", fanout = { each = { p50 = 2, p90 = 4 } }, rows = { each = { p50 = 2, p90 = 4 } } }]
""")
        l = {x["path"].split(".")[2]: x["per_day"] for x in r["lines"]}
        self.near(l["messages"]["bytes"], mean ** 2)
        self.near(l["writes"]["rows"], mean ** 3)
        self.near(r["m"]["tables.t.storage"]["demand"]["point"], 365 * mean ** 4)
        self.assertFalse(r["uncertain"])
        self.assertEqual(r["m"]["tables.t.storage"]["demand"]["p95"], r["m"]["tables.t.storage"]["demand"]["point"])

    def test_spellings(self):
        d, r = oracle.p_duration, lambda x: oracle.p_rate(x, 30)
        for text, seconds in (("250ms", 0.25), ("15min", 900), ("15m", 900), ("1d12h", 129_600), ("2mo", 5_184_000), ("1year", 31_536_000),
                              ("1minute30seconds", 90), ("3weeks", 1_814_400), ("1h30min", 5400), ("1_000s", 1000)):
            self.near(d(text), seconds)
        for text, per_day in (("20M/day", 20e6), ("1/15m", 96), ("every 15min", 96), ("every day", 1), ("every month", 1 / 30), ("3_000/weeks", 3000 / 7),
                              ("1k/500ms", 172.8e6), ("2/mo", 2 / 30), ("1/1mo", 1 / 30)):
            self.near(r(text).per_day, per_day)
        self.assertEqual([r(x).window for x in ("1/seconds", "1/hour", "1/d", "1/mo", "1/15m")], ["s", "h", "day", "month", "15m"])
        for wrong in ("15", "15q", "m", "1h 3x", ""):
            self.assertRaises(oracle.Bad, d, wrong)


if __name__ == "__main__":
    unittest.main()
