"""Published systems with the figures that their vendors give."""
import math, unittest

import test_oracle

run = test_oracle.run
GITHUB = """
[apis.github]
rate_limit = "2000/min"
limits = [{ id = "points", rate = "5000/h", counts = "credits" }, { id = "at-once", concurrent = 100 }]
endpoints."repos" = { credits = 51, duration = "2s" }
[features.sync]
calls = [{ endpoint = "repos", rate = "98/h", per = "project" }]
"""
KAFKA = """
[queues.events]
broker = "kafka"
message_size = "1KB"
retention = "7d"
replication = 3
replay = 3
partitions = 6000
throughput = "2.5GB/s"
storage = "1088.64TB"
[features.events]
messages = [{ queue = "events", rate = "500k/s", per = "project" }]
"""
LAMBDA = """
[models.lambda]
price = { per = 1_000_000, gb-seconds = [{ up_to = 400_000, price = 0.00 }, { price = 16.6667 }], invocations = [{ up_to = 1_000_000, price = 0.00 }, { price = 0.20 }] }
budget = 25.00
[features.thumbnails]
inference = [{ model = "lambda", rate = "3M/month", per = "project", units = { gb-seconds = 0.5, invocations = 1 } }]
"""
MAPS = """
[tenants]
shops = 250
[apis.geocoding]
rate_limit = "3000/min"
overage = [{ up_to = 40_000, price = 0.00, per = 1_000 }, { up_to = 100_000, price = 5.00, per = 1_000 }, { price = 4.00, per = 1_000 }]
budget = { now = 1_200.00, max = 12_000.00 }
endpoints."geocode" = { credits = 1 }
[features.address-check]
calls = [{ endpoint = "geocode", rate = "1000/month", peak = 3 }]
"""
SHOPIFY = """
[tenants]
standard = { now = 500, 90d = 600 }
plus = { now = 20, 90d = 25 }
[apis.shopify]
endpoints."orders" = { credits = 10 }
endpoints."export" = { credits = 400 }
[[apis.shopify.limits]]
id = "store"
rate = { standard = "100/s", plus = "1000/s" }
counts = "credits"
per = "tenant"
[features.order-sync]
adoption = 0.8
calls = [{ endpoint = "orders", rate = "2/s" }, { endpoint = "export", rate = "1.5/s", tenants = ["plus"] }]
"""
SHORTENER = """
[project]
horizon = "5y"
[databases.main]
storage = "4TB"
writes = "500/s"
reads = "10_000/s"
[tables.urls]
kind = "event"
row_size = "500B"
retention = "5y"
partition = "month"
[features.shorten]
writes = [{ table = "urls", rate = "100M/month", per = "project" }]
reads = [{ id = "redirect", table = "urls", rate = "10G/month", per = "project" }]
"""


class Published(unittest.TestCase):
    def near(self, a, b, rel=1e-9):
        self.assertTrue(a is not None and math.isclose(a, b, rel_tol=rel), (a, b))

    def meter(self, meter, demand, limit, utilization=None, verdict=None):
        self.near(meter["demand"]["point"], demand, 1e-8)
        self.assertEqual(meter["limit"], limit)
        if utilization is not None:
            self.near(meter["utilization"], utilization, 1e-8)
        if verdict is not None:
            self.assertEqual(meter["verdict"], verdict)

    def test_github(self):
        # A query of 5,101 requests is 51 points: 98 an hour are 4,998 of 5,000; 2 s each are 98/1800 at once.
        m = run(GITHUB)["m"]
        self.meter(m["apis.github.rate.points"], 4998, 5000, 0.9996, "tight")
        self.meter(m["apis.github.rate.min"], 98 / 60, 2000, None, "fits")
        self.meter(m["apis.github.concurrency.at-once"], 98 / 1800, 100, None, "fits")

    def test_kafka(self):
        # 500 MB/s for 604,800 s are 302.4 TB, three times; they come in once and are read three times: 2 GB/s.
        m = run(KAFKA)["m"]
        self.meter(m["queues.events.retained"], 907.2e12, 1088.64e12, 0.8333333333333334, "tight")
        self.assertEqual(m["queues.events.retained"]["detail"], {"kept_for": 604_800})
        self.meter(m["queues.events.throughput"], 2e9, 2.5e9, 0.8, "tight")
        self.assertEqual(m["queues.events.throughput"]["detail"], {"partitions_needed": 667})

    def test_lambda(self):
        # 1.1M GB-s at 16.6667 a million and 2M invocations at 0.20: AWS says 18.74, rounded up.
        m = run(LAMBDA)["m"]
        self.meter(m["models.lambda.spend"], 18.73337, 25, 0.7493348, "fits")
        self.meter(m["budgets.total.spend"], 18.73337, None, None, "unlimited")

    def test_maps(self):
        # 60,000 at 5 and 150,000 at 4 per 1,000 after 40,000 free ones: $900; ten times as many shops: $9,900.
        r = run(MAPS)
        self.meter(r["m"]["apis.geocoding.spend"], 900, 1200, 0.75, "fits")
        self.near(r["m"]["apis.geocoding.spend"]["breaking_point"], 1.3, 1e-8)
        self.meter(r["m"]["apis.geocoding.rate.min"], 250_000 / 43_200 * 3, 3000)
        self.meter(r["s"]["10x"]["apis.geocoding.spend"], 9900, 12_000, 0.825, "fits")

    def test_shopify(self):
        r = run(SHOPIFY)
        for meters in (r["m"], r["h"][90], r["s"]["10x"]):
            self.meter(meters["apis.shopify.rate.store"], 620, 1000, 0.62, "fits")
            self.assertEqual(meters["apis.shopify.rate.store"]["detail"], {"tier": "plus"})
        self.assertIsNone(r["m"]["apis.shopify.rate.store"]["breaking_point"])

    def test_shortener(self):
        m = run(SHORTENER)["m"]
        self.meter(m["databases.main.storage"], 100e6 / 30 * 1825 * 500, 4e12, 0.7604166666666667, "tight")
        self.meter(m["databases.main.writes"], 38.58024691358025, 500, None, "fits")
        self.meter(m["databases.main.reads"], 3858.0246913580245, 10_000, 0.38580246913580245, "fits")


if __name__ == "__main__":
    unittest.main()
