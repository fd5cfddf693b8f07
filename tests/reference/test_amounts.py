"""Hand-computed checks of amounts that differ per event, of steps and of graduated prices."""
import math, random, unittest

import amounts
import test_oracle

run = test_oracle.run
Z = 1.2815515655446004


class Near(unittest.TestCase):
    def near(self, a, b, rel=1e-9):
        self.assertTrue(math.isclose(a, b, rel_tol=rel), (a, b))


class Means(Near):
    def test_mean_of_each(self):
        # p10 = 90²/180 = 45, so s = ln 2 / z90 on both sides: an ordinary lognormal, of mean 90·e^(s²/2).
        s = math.log(2) / Z
        each = amounts.Each(45.0, 90.0, 180.0)
        self.near(each.mean(), 90 * math.exp(s * s / 2))
        # p10 = p50: the lower half stands at the median: half of it, and p50·e^(s²/2)·Φ(s).
        each = amounts.Each(90.0, 90.0, 180.0)
        phi = 0.5 * (1 + math.erf(s / math.sqrt(2)))
        self.near(each.mean(), 90 * (math.exp(s * s / 2) * phi + 0.5))

    def test_steps_by_hand(self):
        # Half of the videos 90 s or less, billed by started minute. P(X > 60) = Φ(ln 1.5 / s) and so on;
        # with s = 0.0001 all have 90 s: two minutes.
        each = amounts.Each.of(90.0, 0.0001, 0.0001)
        self.near(each.steps_floored(60.0, 0.0, 0.0, 60.0), 120)
        # A step of 90 cuts at the median: half of them start a second one.
        self.near(each.steps_floored(90.0, 0.0, 0.0, 1.0), 1.5)
        # Without any spread there is nothing above the median: one.
        self.near(amounts.Each.of(90.0, 0.0, 0.0).steps_floored(90.0, 0.0, 0.0, 1.0), 1)

    def test_against_draws(self):
        r = random.Random(3)
        for p10, p50, p90, step, floor, a, b in (
            (2.0, 3.0, 9.0, 1.0, 0.0, 0.0, 1.0), (2.0, 3.0, 9.0, 2.5, 9.0, 1.0, 2.0), (0.1, 3.0, 3.0, 1.0, 2.0, 0.0, 1.0),
            (5.0, 5.0, 50.0, 10.0, 25.0, 4.0, 7.0),
        ):
            each, total, free = amounts.Each(p10, p50, p90), 0.0, 0.0
            n = 100_000
            for _ in range(n):
                z = r.gauss(0, 1)
                x = p50 * math.exp((each.above if z >= 0 else each.below) * z)
                total += max(floor, a + b * math.ceil(x / step))
                free += max(floor, a + b * x)
            self.near(each.steps_floored(step, floor, a, b), total / n, 0.01)
            self.near(each.floored(floor, a, b), free / n, 0.01)

    def test_infinite_sum(self):
        # p90 a thousand times the median, 2,000 steps on average: by brute force over 400,000 terms, and what is left by
        # the integral from there.
        s = math.log(1000) / Z
        p50 = 2000.0 / (math.exp(s * s / 2))
        each = amounts.Each.of(p50, s, s)
        brute, k = 0.0, 0
        n = 400_000
        for first in range(0, n, 100_000):
            ks = amounts.np.arange(max(1, first), first + 100_000, dtype=float)
            brute += float(each.passes(ks).sum())
        rest = float(each.beyond(float(n)) - n * each.passes(float(n))) + float(each.passes(float(n))) / 2
        self.near(each.steps_floored(1.0, 0.0, 0.0, 1.0), 1 + brute + rest)

    def test_many_steps(self):
        # 20,000 steps on average: those of X + half a step.
        each = amounts.Each(10_000.0, 20_000.0, 40_000.0)
        self.near(each.steps_floored(1.0, 0.0, 3.0, 2.0), 3 + 2 * (each.mean() + 0.5))

    def test_steps_of(self):
        # A float's last digits start no step, nothing is no step, and the least is one.
        for x, step, want in ((90.0, 60.0, 2), (60.0, 60.0, 1), (0.1 + 0.2, 0.1, 3), (0.0, 5.0, 0), (1e-12, 5.0, 1), (3e6 + 1, 1.0, 3e6 + 1)):
            self.assertEqual(amounts.steps_of(x, step), want)


class Billed(Near):
    def test_credits_in_steps(self):
        # 25 items in steps of 10 are 30: 2 + 0.5·30 = 17, and with credits for each step 2 + 4·3 = 14; the least is 20.
        t = """
[apis.x]
endpoints."/a" = { credits = 2, credits_per_item = 0.5, step = 10 }
endpoints."/b" = { credits = 2, credits_per_step = 4, step = 10 }
endpoints."/c" = { credits = 2, credits_per_step = 4, step = 10, min_credits = 20 }
[features.f]
calls = [{ endpoint = "/a", rate = "1/day", per = "project", items = 25 }, { endpoint = "/b", rate = "1/day", per = "project", items = 25 },
         { endpoint = "/c", rate = "1/day", per = "project", items = 25 }]
"""
        l = {x["target"]: x["per_day"]["credits"] for x in run(t)["lines"]}
        self.assertEqual(l, {"x:/a": 17, "x:/b": 14, "x:/c": 20})

    def test_each_items(self):
        # SMS: one segment, or (one in ten) three and more: s = ln 3 / z90, P(X > k) = 1 − Φ(ln k / s).
        # With min_credits 2: max(2, n) = 2 + Σ_{k≥2} P(X > k).
        r = run("""
[apis.x]
endpoints."/sms" = { credits_per_step = 1, step = 1, min_credits = 2 }
[features.f]
calls = [{ endpoint = "/sms", rate = "1/day", per = "project", items = { each = { p50 = 1, p90 = 3 } } }]
""")
        s = math.log(3) / Z
        want = 2 + sum(0.5 * math.erfc(math.log(k) / s / math.sqrt(2)) for k in range(2, 100_000))
        self.near(r["lines"][0]["per_day"]["credits"], want)
        self.assertFalse(r["uncertain"])

    def test_min_units(self):
        # Billed by started 15 s and as at least 30: 20 → 30, 31 → 45, with a payload of 2 40 → 45 and 62 → 75.
        t = """
[models.m]
unit = "s"
price = 0.01
step = 15
min_units = 30
capacity = { s = "100/min" }
[features.f]
inference = [{ id = "a", model = "m", rate = "10/day", per = "project", units = 20 }, { id = "b", model = "m", rate = "10/day", per = "project", units = 31 }]
[scenarios.s]
payload = 2
"""
        r = run(t)
        l = {x["path"][-1]: x["per_day"] for x in r["lines"]}
        self.assertEqual((l["a"]["units"], l["a"]["billed_units"]), ({"s": 200}, {"s": 300}))
        self.assertEqual((l["b"]["units"], l["b"]["billed_units"]), ({"s": 310}, {"s": 450}))
        self.near(r["m"]["models.m.spend"]["demand"]["point"], 30 * 750 * 0.01)
        # A limit counts what is used.
        self.near(r["m"]["models.m.rate.s.min"]["demand"]["point"], 510 / 1440)
        self.near(r["s"]["s"]["models.m.spend"]["demand"]["point"], 30 * (450 + 750) * 0.01)

    def test_step_by_unit(self):
        # input in steps of 1,000, output as at least 100; requests are never rounded.
        r = run("""
[models.m]
price = { per = 1000, input = 1.00, output = 2.00, requests = 5.00 }
step = { input = 1000 }
min_units = { output = 100 }
[features.f]
inference = [{ model = "m", rate = "10/day", per = "project", units = { input = 1500, output = 40 } }]
""")
        # 10 · (2000·1 + 100·2 + 1·5)/1000 = 22.05 a day
        self.near(r["m"]["models.m.spend"]["demand"]["point"], 30 * 22.05)
        self.near(r["lines"][0]["per_day"]["spend"], 22.05)

    def test_graduated_overage(self):
        # 10,000 past the plan: 4,000 at 5 per 1,000, 5,000 at 4, and 1,000 at 3: 20 + 20 + 3, and 50 for the plan.
        r = run("""
[apis.x]
plan = { credits = 20_000, price = 50 }
overage = [{ up_to = 4000, price = 5, per = 1000 }, { up_to = 9000, price = 4, per = 1000 }, { price = 3, per = 1000 }]
endpoints."/e" = { credits = 1 }
[features.f]
calls = [{ endpoint = "/e", rate = "1000/day", per = "project" }]
""")
        self.near(r["m"]["apis.x.spend"]["demand"]["point"], 93)
        self.assertIsNone(r["m"]["apis.x.credits"]["limit"])

    def test_graduated_price(self):
        # 3,000 hours a month, the first 1,000 free, 1,000 at 2 and the rest at 1; two lines add up before that.
        t = """
[models.m]
unit = "hour"
price = [{ up_to = 1000, price = 0.00 }, { up_to = 2000, price = 2.00 }, { price = 1.00 }]
[features.f]
inference = [{ id = "a", model = "m", rate = "25/day", per = "project", units = 3 }, { id = "b", model = "m", rate = "25/day", per = "project", units = 1 }]
[scenarios.sale]
rates = { f = 3 }
on = 2026-12-01
lasts = "15d"
"""
        r = run(t)
        self.near(r["m"]["models.m.spend"]["demand"]["point"], 3000)
        # Half a month three times as much: 3,000·½ + 9,000·½ = 6,000 hours: 2,000 + 4,000.
        self.near(r["s"]["sale"]["models.m.spend"]["demand"]["point"], 6000)
        # What a line spends depends on the others.
        self.assertEqual([x["per_day"]["spend"] for x in r["lines"]], [None, None])

    def test_packs_and_a_float(self):
        # 2M a month comes out as 2000000.0000000002: ten packs of 200,000, not eleven.
        r = run("""
[apis.x]
packs = [{ name = "p", credits = 200_000, price = 180 }]
endpoints."/e" = { credits = 1 }
[features.f]
calls = [{ endpoint = "/e", rate = "2M/month", per = "project" }]
""")
        self.near(r["m"]["apis.x.spend"]["demand"]["point"], 1800)

    def test_used_to_the_last_credit(self):
        # 0.1 · 3 of 0.3 is 1.0000000000000002 of it: it fits, and breaks at 1×, not at 0×.
        r = run("""
[tenants]
a = 3
[apis.x]
plan = { credits = 0.3, price = 1 }
endpoints."/e" = { credits = 0.1 }
[features.f]
calls = [{ endpoint = "/e", rate = "1/month" }]
""")
        c = r["m"]["apis.x.credits"]
        self.assertEqual(c["verdict"], "tight")
        self.near(c["breaking_point"], 1, 1e-8)


if __name__ == "__main__":
    unittest.main()
