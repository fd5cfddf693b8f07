"""What a real Prometheus answers to `caplint usage request prometheus`, carried by curl: of
counters and gauges that were made of known figures, `calibrate` tells those figures."""

import datetime
import json
import tempfile
from pathlib import Path

from support import Case, main, needs, prometheus

DAYS = 30
AS_OF = datetime.date(2024, 11, 22)

PROJECT = """\
[project]
name = "creator-analytics"

[tenants]
free = 3_000
pro = 1_000

[apis.tiklive]
plan = { credits = 2_500_000, price = 1_499.00 }
retry_ratio = 0.02
[apis.tiklive.endpoints]
"/posts/" = { credits = 1, cacheable = true }
"/media/" = { credits = 1, cacheable = false }

[models.asr]
unit = "minute"
price = 0.006

[queues.jobs]
broker = "sqs"
depth = 100

[databases.main]
storage = "100GB"

[features.sync]
tenants = ["pro"]
calls = [
  { id = "posts", endpoint = "/posts/", rate = "30/day", cache = { ttl = "1h", hit_ratio = 0.3 } },
  { id = "media", endpoint = "/media/", after = "posts", fanout = 2 },
]
inference = [{ id = "speech", model = "asr", rate = "1/day", units = 2, peak = 1.5 }]
messages = [{ id = "job", queue = "jobs", rate = "1/day" }]

[metrics]
"tenants.*.count" = { gauge = 'tenants{tier="$name"}' }
"apis.*.calls" = { counter = 'calls_total{api="$name"}' }
"apis.*.retries" = { counter = 'retries_total{api="$name"}' }
"apis.*.credits" = { counter = 'credits_total{api="$name"}' }
"features.*.calls.*.occurrences" = { counter = 'asked_total{feature="$feature",line="$line"}' }
"features.*.calls.*.reached" = { counter = 'reached_total{feature="$feature",line="$line"}' }
"features.*.calls.*.calls" = { counter = 'calls_total{feature="$feature",line="$line"}' }
"features.*.calls.*.credits" = { counter = 'credits_total{feature="$feature",line="$line"}' }
"features.*.inference.*.occurrences" = { counter = 'asked_total{feature="$feature",line="$line"}' }
"features.*.inference.*.requests" = { counter = 'requests_total{feature="$feature"}' }
"features.*.inference.*.minute" = { counter = 'minutes_total{feature="$feature"}', tenant = "customer" }
"features.*.messages.*.messages" = { counter = 'messages_total{line="$line"}' }
"queues.*.depth" = { gauge = 'queue_depth{queue="$name"}' }
"databases.main.bytes" = { gauge = 'database_bytes{name="a\\"b\\\\c"}' }
"""

PRO, FREE = 1_200, 3_300
POSTS, HITS, RETRIES, MEDIA = 45.0, 0.4, 0.1, 2.5  # a day and tenant, shares, each post's
COST = {"posts": 2.0, "media": 3.0}
SPEECH, MINUTES, JOBS = 1.6, 3.5, 0.5
# Hours of a day, and days of a week, are not alike. Their means are 1.
HOURS = [1.6 if 8 <= hour < 20 else 0.4 for hour in range(24)]
WEEKDAYS = [1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5]


def openmetrics():
    """Hourly samples of counters that end at the day that is asked from, of which one restarts."""
    first = datetime.datetime.combine(AS_OF, datetime.time(), datetime.timezone.utc)
    first = int(first.timestamp()) - (DAYS + 1) * 86_400
    posts = POSTS * PRO
    reached = posts * (1 - HITS)
    media = reached * MEDIA
    calls = {"posts": reached * (1 + RETRIES), "media": media * (1 + RETRIES)}
    own = {line: f'api="tiklive",feature="sync",line="{line}"' for line in calls}
    a_day = {
        f'asked_total{{{own["posts"]}}}': posts,
        f'reached_total{{{own["posts"]}}}': reached,
        f'asked_total{{{own["media"]}}}': media,
        f'reached_total{{{own["media"]}}}': media,
        'retries_total{api="tiklive"}': (reached + media) * RETRIES,
        'asked_total{feature="sync",line="speech"}': SPEECH * PRO,
        'requests_total{feature="sync"}': SPEECH * PRO,
        'minutes_total{customer="a",feature="sync"}': SPEECH * PRO * MINUTES * 0.75,
        'minutes_total{customer="b",feature="sync"}': SPEECH * PRO * MINUTES * 0.25,
        'messages_total{line="job"}': JOBS * PRO,
    }
    for line, count in calls.items():
        a_day[f"calls_total{{{own[line]}}}"] = count
        a_day[f"credits_total{{{own[line]}}}"] = count * COST[line]
    gauges = {
        'tenants{tier="pro"}': lambda hour: PRO,
        'tenants{tier="free"}': lambda hour: FREE,
        'queue_depth{queue="jobs"}': lambda hour: hour % 100,
        'database_bytes{name="a\\"b\\\\c"}': lambda hour: 5e9 + 1e6 * hour,
    }
    rows, counters = [], dict.fromkeys(a_day, 0.0)
    for hour in range((DAYS + 1) * 24 + 1):
        at = first + hour * 3_600
        if hour:
            share = HOURS[(hour - 1) % 24] / 24
            share *= WEEKDAYS[datetime.datetime.fromtimestamp(at - 1, datetime.timezone.utc).weekday()]
            for name, count in a_day.items():
                # The process of the messages began anew, and had already sent this hour's.
                before = 0.0 if name.startswith("messages") and hour == 400 else counters[name]
                counters[name] = before + count * share
        rows += [(name, value, at) for name, value in counters.items()]
        rows += [(name, gauge(hour), at) for name, gauge in gauges.items()]
    rows.sort(key=lambda row: (row[0].split("{")[0], row[0], row[2]))
    text, family = [], None
    for name, value, at in rows:
        own = name.split("{")[0]
        if own != family:
            family = own
            kind = "counter" if own.endswith("_total") else "gauge"
            text.append(f"# TYPE {own.removesuffix('_total')} {kind}\n")
        text.append(f"{name} {value!r} {at}\n")
    return "".join(text) + "# EOF\n"


@needs("prometheus", "promtool", "curl")
class Prometheus(Case):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="caplint-"))
        cls.url = cls.enterClassContext(prometheus(Path(folder), openmetrics()))

    def setUp(self):
        super().setUp()
        self.write("capacity.toml", PROJECT)

    def ask(self, *arguments):
        """Asks all that is to be asked, as the guide has it."""
        asked = self.caplint("usage", "request", "prometheus", "--url", self.url,
                             "--days", str(DAYS), "--as-of", str(AS_OF), *arguments)
        return self.run_program("curl", "--config", "-", input=asked)

    def test_known_figures_come_back(self):
        self.write("prom.json", self.ask())
        self.write("hours.json", self.ask("--step", "1h"))
        for file, by_hour in (("prom.json", False), ("hours.json", True)):
            report = self.calibrate("--usage", file, "--as-of", str(AS_OF))
            values = {value["path"]: value["measured"] for value in report["values"]}
            line = "features.sync.calls."
            expected = {
                "tenants.pro.now": PRO,
                "tenants.free.now": FREE,
                "apis.tiklive.retry_ratio": RETRIES,
                'apis.tiklive.endpoints."/posts/".credits': COST["posts"],
                'apis.tiklive.endpoints."/media/".credits': COST["media"],
                line + "posts.rate": POSTS,
                line + "posts.cache.hit_ratio": HITS,
                line + "media.fanout": MEDIA,
                "features.sync.inference.speech.rate": SPEECH,
                "features.sync.inference.speech.units": MINUTES,
                "features.sync.messages.job.rate": JOBS,
            }
            if by_hour:
                # The busy hours of weekdays are far more than the hundredth of all that may be over.
                expected["features.sync.inference.speech.peak"] = 1.6 * 1.2 / self.mean_weekday()
                expected["queues.jobs.depth"] = 98
            for path, figure in expected.items():
                # A window that does not end with a week has more or fewer weekends in it.
                is_rate = path.endswith(".rate")
                figure *= self.mean_weekday() if is_rate else 1
                self.near(values.get(path), figure, f"{file} {path}")
            self.assertEqual(report["usage"]["unmatched"], [])
            self.assertEqual(report["usage"]["outside"], 0)
            for meter in report["meters"]:
                moved = sum(effect["effect"] for effect in meter["effects"])
                self.near(moved, meter["actual"] - meter["forecast"], meter["meter"], 1e-9)

    def test_long_windows_take_several_transfers(self):
        # Prometheus refuses more than 11,000 points a series.
        asked = self.caplint("usage", "request", "prometheus", "--url", self.url, "--step", "1h",
                             "--days", "1000", "--as-of", str(AS_OF))
        answers = self.run_program("curl", "--config", "-", input=asked)
        self.assertEqual(asked.count("url = "), answers.count('"status":"success"'))
        self.assertEqual(asked.count("url = "), 3 * asked.count("start=" + str(self.start(1000))))
        self.assertNotIn('"status":"error"', answers)
        self.write("long.json", answers)
        self.write("prom.json", self.ask("--step", "1h"))
        of = lambda file: json.loads(self.caplint("usage", "--format", "json", file))["subjects"]
        counted = lambda rows: {row["subject"] + row["unit"]: row for row in rows}
        long, short = counted(of("long.json")), counted(of("prom.json"))
        for name, row in short.items():
            # One day more was recorded than is asked for, with the sample at which it began.
            more = 25 if row["unit"] in ("bytes", "count", "depth") else 24
            more *= 2 if row["unit"] == "minute" else 1  # of two tenants
            self.assertEqual(long[name]["rows"] - row["rows"], more, name)

    def test_what_it_refuses_is_said_with_its_words(self):
        self.write("capacity.toml", PROJECT.replace("'queue_depth{", "'sum by (queue_depth{"))
        asked = self.caplint("usage", "request", "prometheus", "--url", self.url)
        answers = self.run_program("curl", "--config", "-", input=asked, code=22)
        self.write("prom.json", answers)
        done = self.tried("calibrate", "--usage", "prom.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("Prometheus says: ", done.stderr)
        self.assertIn("parse error", done.stderr)

    def start(self, days):
        day = AS_OF - datetime.timedelta(days=days)
        day = datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc)
        return int(day.timestamp()) + 3_600

    def mean_weekday(self):
        days = [AS_OF - datetime.timedelta(days=back) for back in range(1, DAYS + 1)]
        return sum(WEEKDAYS[day.weekday()] for day in days) / DAYS


if __name__ == "__main__":
    main()
