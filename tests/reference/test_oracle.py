"""Hand-computed checks of oracle.py: python3 test_oracle.py"""
import math, tomllib, unittest
from decimal import Decimal
import oracle as o


def run(text, **kw):
    doc = tomllib.loads(text, parse_float=Decimal)
    r = o.run(doc, **kw)
    r["m"] = {x["id"]: x for x in r["meters"]}
    r["l"] = {x["path"].split(".", 3)[-1]: x for x in r["lines"]}
    r["s"] = {s["name"]: {x["id"]: x for x in s["meters"]} for s in r["scenarios"]}
    r["h"] = {s["day"]: {x["id"]: x for x in s["meters"]} for s in r["horizons"]}
    return r


SEED = """
[tenants]
starter = 3600
pro = 1200
[entities]
account = { count = 800 }
[apis.tiklive]
rate_limit = "200/min"
plan = { credits = 2_500_000, price = 100 }
[apis.tiklive.endpoints]
"/userinfo/" = { credits = 1 }
"/posts/" = { credits = 1 }
"/wm/" = { credits = 1 }
"/comments/" = { credits = 1 }
[features.profile-sync]
calls = [{ endpoint = "/userinfo/", rate = "1/day" }]
[features.video]
calls = [{ endpoint = "/posts/", rate = "4/day" }]
[features.wm]
tenants = ["pro"]
calls = [{ endpoint = "tiklive:/wm/", rate = "30/day" }]
[features.comments]
calls = [{ endpoint = "/comments/", rate = "12/day", per = "account" }]
"""


class T(unittest.TestCase):
    def near(self, a, b, rel=1e-9):
        self.assertTrue(math.isclose(a, b, rel_tol=rel), (a, b))

    def test_seed_credits(self):
        r = run(SEED)
        got = sorted(x["per_day"]["credits"] for x in r["lines"])
        self.assertEqual(got, [4800, 9600, 19200, 36000])
        c = r["m"]["apis.tiklive.credits"]
        self.near(c["demand"]["point"], 2_088_000)
        self.near(c["utilization"], 0.8352)
        self.assertEqual(c["verdict"], "fits")
        self.near(c["breaking_point"], 1.1973180076628352)
        rate = r["m"]["apis.tiklive.rate.min"]
        self.near(rate["demand"]["point"], 69600 / 1440)
        self.near(rate["breaking_point"], 4.137931034482759)
        self.assertEqual(r["s"]["10x"]["apis.tiklive.credits"]["verdict"], "breaks")
        d = c["detail"]
        self.near(d["soft_on_day"], .75 * 2.5e6 / 69600)
        self.assertIsNone(d["hard_on_day"])

    def test_seed_watermark(self):
        r = run(SEED.replace("30/day", "45/day"))
        self.near(r["m"]["apis.tiklive.credits"]["demand"]["point"], (69600 + 18000) * 30)

    def test_seed_storage(self):
        for rate, want in (("1/day", 1.46e9), ("every 1h", 35.04e9)):
            r = run(f"""
[databases.db]
[entities]
acc = {{ count = 10_000 }}
[tables.t]
kind = "snapshot"
row_size = "400B"
retention = "forever"
[features.f]
writes = [{{ table = "t", rate = "{rate}", per = "acc" }}]
""")
            self.near(r["m"]["tables.t.storage"]["demand"]["point"], want)
        r = run("""
[databases.db]
[entities]
acc = { count = 100_000 }
[tables.t]
kind = "snapshot"
row_size = 400
[features.f]
writes = [{ table = "t", rate = "every 15m", per = "acc" }]
""")
        self.near(r["m"]["tables.t.storage"]["demand"]["point"], 1.4016e12)

    def test_seed_queue(self):
        r = run("""
[queues.q]
broker = "kafka"
message_size = "60KB"
retention = "7d"
replication = 3
drain = "5m"
partitions = 2
workers = { count = 10, max = 20, rate = "1/s" }
[features.f]
messages = [{ queue = "q", rate = "1000/min", per = "project" }]
""")
        m = r["m"]
        self.near(m["queues.q.throughput"]["demand"]["point"], 1e6)
        self.assertEqual(m["queues.q.throughput"]["detail"]["partitions_needed"], 1)
        self.near(m["queues.q.retained"]["demand"]["point"], 604.8e9 * 3)
        self.near(m["queues.q.workers"]["detail"]["scale_up_at"], 3000)
        self.near(m["queues.q.workers"]["demand"]["point"], 1000 / 60)
        self.assertEqual(m["queues.q.drain"]["demand"]["point"], 0)

    def test_batch(self):
        # 1200 tenants each hour within 10 min = 2/s; in a minute 120; in an hour 1200; in a day 28800
        base = """
[tenants]
a = 1200
[apis.x]
rate_limit = ["1/s", "100/min", "2000/h", "30_000/day"]
endpoints."/e" = { credits = 2, credits_per_item = 0.5, min_credits = 4 }
[features.f]
calls = [{ endpoint = "/e", rate = "every 1h", %s items = 3 }]
"""
        r = run(base % 'spread = "10m",')["m"]
        self.near(r["apis.x.rate.s"]["demand"]["point"], 2)
        self.near(r["apis.x.rate.min"]["demand"]["point"], 120)
        self.near(r["apis.x.rate.h"]["demand"]["point"], 1200)
        self.near(r["apis.x.rate.day"]["demand"]["point"], 28800)
        self.near(r["apis.x.credits"]["demand"]["point"], 28800 * 4 * 30)
        r = run(base % "")["m"]
        self.near(r["apis.x.rate.min"]["demand"]["point"], 20)

    def test_cache(self):
        def h(rate, cache, extra=""):
            return run(f"""
[tenants]
a = 10
[apis.x]
retry_ratio = 0.5
endpoints."/e" = {{ credits = 1 }}
[features.f]
calls = [{{ endpoint = "/e", rate = "{rate}", cache = {{ {cache} }} }}]
""")["lines"][0]["per_day"]
        x = h("every 1h", 'ttl = "15m"')
        self.assertEqual((x["requested"], x["reached"], x["billed"]), (240, 240, 360))
        self.near(h("every 1h", 'ttl = "60m"')["reached"], 240)
        self.near(h("every 1h", 'ttl = "61m"')["reached"], 120)
        self.near(h("24/day", 'ttl = "1h"')["reached"], 120)
        # shared, 60 keys, 240/day: lambda T = 240/60/24 = 1/6
        self.near(h("24/day", 'ttl = "1h", scope = "shared", keys = 60')["reached"], 240 / (1 + 1 / 6))
        self.near(h("every 1h", 'ttl = "1h", scope = "shared", keys = 60')["reached"], 240 / (1 + 1 / 6))

    def test_after_and_worker_limit(self):
        r = run("""
[tenants]
a = 86400
[apis.x]
rate_limit = "1/s"
endpoints."/e" = { credits = 1 }
endpoints."/g" = { credits = 1 }
[queues.q]
broker = "sqs"
message_size = "1KB"
workers = { max = 4, rate = "1/s" }
[features.f]
messages = [{ id = "m", queue = "q", rate = "every 1d", spread = "1h", count = 2 }]
calls = [{ id = "c", endpoint = "/e", after = "m", fanout = 3, cache = { hit_ratio = "50%" } },
         { id = "d", endpoint = "/g", after = "c", fanout = 2 }]
""")
        l = {x["path"]: x for x in r["lines"]}
        self.near(l["features.f.messages.m"]["per_day"]["messages"], 172800)
        self.near(l["features.f.messages.m"]["peak_per_second"], 48)
        # c: 3 per message, O = 518400, batch X = 518400 in 1 h = 144/s; L = 4*3 = 12/s occurrences, half reached
        self.near(l["features.f.calls.c"]["per_day"]["billed"], 259200)
        self.near(l["features.f.calls.c"]["peak_per_second"], 6)
        # d: O = 518400; L = 12 * .5 * 2 = 12
        self.near(l["features.f.calls.d"]["per_day"]["billed"], 518400)
        self.near(l["features.f.calls.d"]["peak_per_second"], 12)
        self.near(r["m"]["apis.x.rate.s"]["demand"]["point"], 18)
        # backlog: X = 172800 - 3600 * (4 - 0); drain over C
        self.near(r["m"]["queues.q.depth"]["demand"]["point"], 172800 - 14400)
        self.near(r["m"]["queues.q.drain"]["demand"]["point"], (172800 - 14400) / 4)
        self.near(r["m"]["queues.q.retained"]["demand"]["point"], (172800 - 14400) * 1000)
        self.near(r["m"]["queues.q.workers"]["demand"]["point"], 2)

    def test_population(self):
        r = run("""
[tenants]
free = { now = 100, 30d = 200, 90d = 500 }
pro = 50
[entities]
dev = { count = { now = 1000, 60d = 2000 } }
fix = { count = 300, fixed = true }
acc = { per_tenant = { pro = 4 } }
[apis.x]
endpoints."/e" = { credits = 1 }
[features.f]
adoption = { free = 0.5 }
calls = [{ id = "t", endpoint = "/e", rate = "1/day" },
         { id = "d", endpoint = "/e", rate = "1/day", per = "dev" },
         { id = "a", endpoint = "/e", rate = "1/day", per = "acc" },
         { id = "x", endpoint = "/e", rate = "1/day", per = "fix" }]
[features.g]
active = 30
tenants = ["pro"]
calls = [{ id = "g", endpoint = "/e", rate = "1/day" }]
[scenarios.s]
tenants = { pro = 3 }
""")
        P = {x["path"].split(".")[-1]: x["population"] for x in r["lines"]}
        self.near(P["t"], 100)
        self.near(P["d"], 1000 * 100 / 150)
        self.near(P["a"], 200)
        self.near(P["x"], 300 * 100 / 150)
        self.near(P["g"], 30)
        # day 60: free 350, dev 2000: 175+50 = 225 of 400
        want = 225 + 2000 * 225 / 400 + 200 + 300 * 225 / 400 + 30
        self.near(r["h"][60]["apis.x.credits"]["demand"]["point"], want * 30)
        # scenario: free 100, pro 150: 50+150 of 250; dev x 250/150
        want = 200 + 1000 * 250 / 150 * 200 / 250 + 600 + 300 * 200 / 250 + 90
        self.near(r["s"]["s"]["apis.x.credits"]["demand"]["point"], want * 30)

    def test_tables(self):
        r = run("""
[project]
horizon = "100d"
[tenants]
a = { now = 10, 10d = 20 }
[databases.db]
overhead = 0.5
storage = "1GB"
[tables.raw]
kind = "snapshot"
row_size = 100
retention = "20d"
partition = "week"
compress = { after = "5d", ratio = 0.1 }
existing = 1000
[tables.roll]
kind = "rollup"
from = "raw"
ratio = 0.5
row_size = 10
retention = "forever"
reason = "x"
existing = 70
[tables.st]
kind = "state"
rows = 3
row_size = 1000
[features.f]
writes = [{ table = "raw", rate = "1/day", rows = 2 }, { table = "st", rate = "1/day" }]
""")
        m = r["m"]
        # flat at 20/day tenants x 2 rows = 40 rows/day late on; K = 27
        self.near(m["tables.raw.storage"]["demand"]["point"], 100 * (5 * 40 + 0.1 * 22 * 40))
        # rows of the first ten days: 2*(10+...+19) = 290, then 90*40
        self.near(m["tables.roll.storage"]["demand"]["point"], 10 * 0.5 * (290 + 90 * 40) + 70)
        self.near(m["tables.st.storage"]["demand"]["point"], 60_000)
        tot = 100 * (5 * 40 + 0.1 * 22 * 40) + 5 * 3890 + 70 + 60_000
        self.near(m["databases.db.storage"]["demand"]["point"], 1.5 * tot)
        self.near(r["h"][30]["tables.raw.storage"]["demand"]["point"],
                  100 * (5 * 40 + 0.1 * (15 * 40 + 2 * (13 + 14 + 15 + 16 + 17 + 18 + 19))))
        self.near(m["databases.db.writes"]["demand"]["point"], (20 + 10 + 10) / 86400)

    def test_existing_fades(self):
        r = run("""
[project]
horizon = "10d"
[databases.db]
[tables.t]
kind = "event"
row_size = 1
retention = "40d"
existing = 1000
max_size = 800
""")
        x = r["m"]["tables.t.storage"]
        self.near(x["demand"]["point"], 750)
        self.assertEqual(x["verdict"], "breaks")   # 0.9375 > 0.9
        self.assertEqual(x["detail"]["full_on_day"], 0)
        self.assertEqual(r["verdict"], "breaks")   # 1000 on disk

    def test_packs(self):
        p = o.Packs([{"credits": 100, "price": Decimal("10.10"), "max": 3}, {"credits": 250, "price": 24},
                     {"credits": 1000, "price": 101}])
        self.near(p.cost(1.0), 10.10)
        self.near(p.cost(200.0), 20.20)
        self.near(p.cost(300.0), 30.30)
        self.near(p.cost(350.0), 34.10)
        self.near(p.cost(1000.0), 96)
        self.near(p.cost(1050.0), 102.30)
        q = o.Packs([{"credits": 100, "price": 5, "max": 2}, {"credits": 10, "price": 1, "max": 5}])
        self.assertEqual(q.cost(250.5), math.inf)
        self.near(q.cost(250.0), 15)
        self.near(q.cost(0.0), 0)
        # against brute force
        import random, itertools
        rng = random.Random(5)
        for _ in range(200):
            items = [{"credits": rng.randint(1, 40), "price": rng.randint(0, 30),
                      **({"max": rng.randint(0, 4)} if rng.random() < .6 else {})} for _ in range(3)]
            need = rng.randint(1, 120)
            best = math.inf
            for ks in itertools.product(*[range((x["max"] if "max" in x else -(-need // x["credits"])) + 1) for x in items]):
                if sum(k * x["credits"] for k, x in zip(ks, items)) >= need:
                    best = min(best, sum(k * x["price"] for k, x in zip(ks, items)))
            self.assertEqual(o.Packs(items).cost(float(need)), best)

    def test_spend_and_event(self):
        t = """
[tenants]
a = 100
[apis.x]
plan = { credits = { now = 20_000, max = 50_000 }, price = 50 }
%s
budget = { now = 100, max = 400 }
endpoints."/e" = { credits = 1 }
[features.f]
calls = [{ endpoint = "/e", rate = "10/day" }]
[scenarios.e]
tenants = 4
on = 2026-12-01
lasts = "3d"
[scenarios.g]
tenants = 2
"""
        r = run(t % 'overage = { price = 2.5, per = 1000 }')
        self.near(r["m"]["apis.x.spend"]["demand"]["point"], 50 + 10 * 2.5)
        self.assertIsNone(r["m"]["apis.x.credits"]["limit"])
        c = 30_000 * .9 + 120_000 * .1
        self.near(r["s"]["e"]["apis.x.credits"]["demand"]["point"], c)
        self.near(r["s"]["e"]["apis.x.spend"]["demand"]["point"], 50 + (c - 20_000) / 1000 * 2.5)
        r = run(t % 'packs = [{ name = "s", credits = 3000, price = 9, max = 5 }]')
        self.near(r["m"]["apis.x.spend"]["demand"]["point"], 50 + 4 * 9)
        self.assertEqual(r["m"]["apis.x.credits"]["limit"], 20_000)
        self.assertEqual(r["s"]["g"]["apis.x.credits"]["limit"], 65_000)
        self.assertIsNone(r["s"]["g"]["apis.x.spend"]["demand"]["point"])
        self.assertEqual(r["s"]["g"]["apis.x.spend"]["verdict"], "breaks")

    def test_inference(self):
        r = run("""
[tenants]
a = 100
[models.l]
price = { per = 1_000_000, input = 3.00, output = 15.00 }
capacity = { input = "2M/min", requests = "40/min" }
retry_ratio = "10%"
budget = 1000
[features.f]
inference = [{ model = "l", rate = "10/day", units = { input = 5000, output = 700 }, peak = 3 }]
[scenarios.s]
payload = 2
""")
        self.near(r["m"]["models.l.spend"]["demand"]["point"], 30 * 1100 * (5000 * 3 + 700 * 15) / 1e6)
        self.near(r["m"]["models.l.rate.input.min"]["demand"]["point"], 1100 * 5000 / 1440 * 3)
        self.near(r["m"]["models.l.rate.requests.min"]["demand"]["point"], 1100 / 1440 * 3)
        self.near(r["s"]["s"]["models.l.rate.input.min"]["demand"]["point"], 1100 * 10000 / 1440 * 3)
        self.near(r["s"]["s"]["models.l.rate.requests.min"]["demand"]["point"], 1100 / 1440 * 3)
        self.assertIsNone(r["s"]["s"]["models.l.spend"]["limit"])

    def test_unknown(self):
        r = run("""
[tenants]
a = 100
b = "unknown"
[apis.x]
plan = { credits = 1000, price = 1 }
rate_limit = "1/s"
endpoints."/e" = { credits = 1 }
endpoints."/u" = { credits = "unknown" }
[features.f]
tenants = ["a"]
calls = [{ endpoint = "/e", rate = "1/day" }, { endpoint = "/u", rate = "1/day" }]
""")
        c = r["m"]["apis.x.credits"]
        self.assertTrue(c["lower_bound"])
        self.assertEqual(c["verdict"], "breaks")
        self.assertFalse(r["m"]["apis.x.rate.s"]["lower_bound"])
        r = run("""
[tenants]
a = 100
[queues.q]
broker = "sqs"
message_size = 1
workers = { max = 3, rate = "unknown" }
[features.f]
messages = [{ queue = "q", rate = "1/day" }]
""")
        self.assertEqual(r["m"]["queues.q.workers"]["verdict"], "unknown")
        self.assertIsNone(r["m"]["queues.q.workers"]["limit"])

    def test_draws(self):
        r = run("""
[tenants]
a = { p50 = 1000, p90 = 2000 }
[apis.x]
plan = { credits = 100_000, price = 1 }
endpoints."/e" = { credits = 1 }
[features.f]
calls = [{ endpoint = "/e", rate = "1/day" }]
""", draws=20000)
        c = r["m"]["apis.x.credits"]
        self.near(c["demand"]["p50"], 30_000, 1e-3)
        self.near(c["demand"]["p90"], 60_000, 1e-3)
        p80 = 30_000 * math.exp(math.log(2) / 1.2815515655446004 * 0.8416212335729143)
        self.near(c["demand"]["p80"], p80, 1e-3)
        self.near(c["utilization"], p80 / 1e5, 1e-3)
        self.near(c["breaking_point"], 1e5 / p80, 3e-3)

    def test_depth(self):
        r = run("""
[tenants]
a = { now = 100, 60d = 300 }
[queues.q]
broker = "rabbitmq"
message_size = "2KB"
depth = 500
max_depth = 1200
drain = "1h"
workers = { max = 1, rate = "10/min" }
[features.f]
messages = [{ queue = "q", rate = "48/day" }]
[scenarios.s]
tenants = 2
""")
        m = r["m"]
        self.near(m["queues.q.depth"]["demand"]["point"], 500)
        self.near(m["queues.q.depth"]["breaking_point"], 2.4)
        self.near(r["h"][30]["queues.q.depth"]["demand"]["point"], 1000)
        self.near(r["s"]["s"]["queues.q.depth"]["demand"]["point"], 1000)
        lam, C = 4800 / 86400, 10 / 60
        self.near(m["queues.q.drain"]["demand"]["point"], 500 / (C - lam))
        self.near(m["queues.q.retained"]["demand"]["point"], 1_000_000)
        # k: 500k/(C - lam k) = 3600
        self.near(m["queues.q.drain"]["breaking_point"], 3600 * C / (500 + 3600 * lam), 1e-7)
        self.assertIsNone(r["s"]["s"]["queues.q.drain"]["breaking_point"])


if __name__ == "__main__":
    unittest.main()
