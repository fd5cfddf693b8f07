"""Scenarios, policy and what judges."""
import datetime

import oracle
from toml_out import Num, fmt


class Judging:
    def governance(self):
        r, doc = self.r, self.doc
        if self.ch(.8):
            sc = doc["scenarios"] = {}
            for i in range(r.randint(1, 4)):
                s = sc[r.choice([f"{i + 2}x", f"event-{i}", f"s.{i}" if self.ch(.2) else f"grow{i}"])] = {}
                if self.has_tenants and self.ch(.3):
                    s["tenants"] = {t: Num(fmt(self.log(.3, 30))) for t in r.sample(self.tiers, r.randint(1, len(self.tiers)))}
                elif self.ch(.8):
                    s["tenants"] = r.choice([2, 10, 100, Num("1.5"), Num("0.5")])
                if self.ch(.5):
                    s["require"] = r.choice(["fit", "warn", "report"])
                if doc.get("features") and self.ch(.4):
                    s["rates"] = {f: Num(fmt(self.log(.5, 8))) for f in r.sample(list(doc["features"]), r.randint(1, min(2, len(doc["features"]))))}
                if self.ch(.3):
                    s["payload"] = r.choice([Num("1.2"), 2, Num("0.5")])
                if self.ch(.4):
                    s["set"] = self.sets()
                    if not s["set"]:
                        del s["set"]
                if self.ch(.35):
                    s["on"] = datetime.date(2026, 12, r.randint(1, 28))
                    if self.has("lasts", .8):
                        s["lasts"] = r.choice(["4d", "1d", "36h", "2w", "45d"])
                    if self.ch(.5):
                        s["buffer"] = self.ratio(r.uniform(.05, .5))
        if self.ch(.6):
            p = doc["policy"] = {}
            if self.ch(.5):
                p["confidence"] = r.choice(["p50", "p80", "p90", "p95"])
            if self.ch(.2):
                p["runway"] = "60d"
            if self.ch(.2):
                p["partition_above"] = "50GB"
            if self.ch(.2):
                p["max_partitions"] = 500
            if self.ch(.5):
                lim = p["limits"] = {}

                def sh():
                    o = {}
                    if self.ch(.7):
                        o["tight"] = self.ratio(r.choice([.5, .6, .7, .8]))
                    if self.ch(.7) or not o:
                        o["breaks"] = self.ratio(r.choice([.85, .95, 1, 1.1]))
                    return o
                for w in ("today", "scenario"):
                    if self.ch(.5):
                        lim[w] = sh()
                for kd in ("storage", "credits", "rate", "spend", "writes", "throughput", "retained", "workers", "depth", "drain", *self.new_kinds()):
                    if self.ch(.12):
                        lim[kd] = {w: sh() for w in ("today", "scenario") if self.ch(.7)} or {"today": sh()}
                if not lim:
                    del p["limits"]
            if self.ch(.3):
                p["burn"] = {"soft": {"share": self.ratio(r.choice([.5, .75, .8])), "by_day": r.randint(10, 25)}, "hard": self.ratio(r.choice([.85, .9, .95]))}
            if self.ch(.3):
                p["change"] = {"credits": {"percent": "20%", "above": Num("50_000")}, "storage": "25%", "feature": {"above": 1000}}
            if self.ch(.2):
                p["calibration"] = {"max_age": "45d", "launch_max_age": "10d"}
        if self.ch(.2):
            doc["rules"] = {"dominant-feature": "warning", "limit-missing": "off"}
        if self.ch(.2):
            doc["risk"] = {"downtime_cost_per_hour": 4000}
        if self.ch(.2) and doc.get("tables"):
            doc["waivers"] = [{"rule": "table-without-rollup", "subject": "tables.*", "reason": "seen", "owner": "data",
                               "until": datetime.date(2027, 6, 30)}]

    def sets(self):
        r, doc = self.r, self.doc
        c = []
        for f, ft in doc.get("features", {}).items():
            for lst in oracle.LISTS:
                for ln in ft.get(lst, []):
                    i = oracle.default_id(doc, lst, ln)
                    b = oracle.path("features", f, lst, i)
                    rt = ln.get("rate")
                    if isinstance(rt, dict):
                        rt = rt["p50"]
                    if rt and rt != "unknown":
                        if rt.startswith("every"):
                            c.append((b + ".rate", r.choice(["every 2h", "every 30m", "every 3d"])))
                        else:
                            c.append((b + ".rate", self.steady_rate(self.log(.1, 60))))
                    for kk, v in (("fanout", self.num(self.log(.2, 5))), ("rows", self.num(self.log(.2, 5))), ("count", self.num(self.log(.2, 5))),
                                  ("items", self.num(self.log(1, 50))), ("size", self.size_(self.log(100, 1e5))), ("peak", r.choice([1, 3]))):
                        if kk in ln:
                            c.append((f"{b}.{kk}", v))
                    if isinstance(ln.get("cache"), dict):
                        if "ttl" in ln["cache"]:
                            c.append((b + ".cache.ttl", r.choice(["1h", "5m", "2d"])))
                        if "hit_ratio" in ln["cache"]:
                            c.append((b + ".cache.hit_ratio", self.ratio(r.uniform(0, 1))))
            if "adoption" in ft and not (isinstance(ft["adoption"], dict) and "p50" not in ft["adoption"]):
                c.append((oracle.path("features", f, "adoption"), self.ratio(r.uniform(.1, 1))))
            if "active" in ft:
                c.append((oracle.path("features", f, "active"), self.num(self.log(5, 3000))))
        for a, api in doc.get("apis", {}).items():
            if "retry_ratio" in api or self.ch(.3):
                c.append((oracle.path("apis", a, "retry_ratio"), self.ratio(r.uniform(0, .6))))
            if "plan" in api:
                c.append((oracle.path("apis", a, "plan", "credits"), self.num(self.log(1e3, 1e7))))
                c.append((oracle.path("apis", a, "plan", "price"), Num("77.50")))
            for e, ep in api.get("endpoints", {}).items():
                if "credits" in ep:
                    c.append((oracle.path("apis", a, "endpoints", e, "credits"), r.choice([1, 3, 7])))
        for d, db in doc.get("databases", {}).items():
            for kk, v in (("overhead", "30%"), ("storage", "800GB")):
                if kk in db:
                    c.append((oracle.path("databases", d, kk), v))
        for t, tb in doc.get("tables", {}).items():
            c.append((oracle.path("tables", t, "row_size"), self.size_(self.log(50, 3000))))
            if tb.get("retention") not in (None, "forever"):
                c.append((oracle.path("tables", t, "retention"), r.choice(["10d", "60d", "2y"])))
            if "ratio" in tb:
                c.append((oracle.path("tables", t, "ratio"), "5%"))
        for q, qu in doc.get("queues", {}).items():
            wk = qu.get("workers", {})
            if "max" in wk:
                c.append((oracle.path("queues", q, "workers", "max"), r.randint(1, 80)))
            if "rate" in wk:
                c.append((oracle.path("queues", q, "workers", "rate"), self.rate_in(self.log(.1, 60), "min")))
            if "depth" in qu:
                c.append((oracle.path("queues", q, "depth"), self.num(self.log(5, 1e5))))
            if "replication" in qu:
                c.append((oracle.path("queues", q, "replication"), 2))
            if "drain" in qu:
                c.append((oracle.path("queues", q, "drain"), "20m"))
        for n, md in doc.get("models", {}).items():
            if "retry_ratio" in md:
                c.append((oracle.path("models", n, "retry_ratio"), self.ratio(r.uniform(0, .5))))
        for t in self.tiers:
            if self.ch(.3):
                c.append((oracle.path("tenants", t), self.num(self.log(5, 10000))))
        if "set" not in self.without:
            c += self.new_sets()
        if not c:
            return {}
        return dict(r.sample(c, min(len(c), r.randint(1, 3))))


    def new_kinds(self):
        return [k for k, of in (("reads", "reads"), ("concurrency", "limits")) if of not in self.without]

    def new_sets(self):
        r, doc, p, c = self.r, self.doc, oracle.path, []
        for t, v in doc.get("tenants", {}).items():
            if isinstance(v, dict) and "growth" in v:
                c.append((p("tenants", t, "growth"), "7%/month"))
        for section in ("apis", "models"):
            for a, api in doc.get(section, {}).items():
                for x in api.get("limits", []):
                    b = p(section, a, "limits", x["id"])
                    raw = x.get("rate")
                    if isinstance(raw, str) and raw != "none":
                        c.append((b + ".rate", "9k/" + raw.split("/")[1]))
                    if "concurrent" in x and not isinstance(x["concurrent"], dict):
                        c.append((b + ".concurrent", 3))
                    if "largest" in x:
                        c.append((b + ".largest", 4))
                for e, ep in api.get("endpoints", {}).items():
                    for k in ("step", "min_credits", "duration"):
                        if k in ep:
                            c.append((p(section, a, "endpoints", e, k), "3s" if k == "duration" else 7))
                if section == "models" and "duration" in api:
                    c.append((p(section, a, "duration"), "3s"))
        for section in ("databases", "queues"):
            for d, db in doc.get(section, {}).items():
                if "price" in db:
                    c.append((p(section, d, "price", "month"), Num("0.75")))
                if "reads" in db:
                    c.append((p(section, d, "reads"), "444/s"))
                for k, v in (("retention_bytes", "70MB"), ("throughput", "8MB/s")):
                    if k in db:
                        c.append((p(section, d, k), v))
        for f, ft in doc.get("features", {}).items():
            for lst in oracle.LISTS:
                for ln in ft.get(lst, []):
                    b = p("features", f, lst, oracle.default_id(doc, lst, ln))
                    if "peak_day" in ln:
                        c.append((b + ".peak_day", 3))
                    for k in ("items", "rows", "units", "size", "count"):
                        if isinstance(ln.get(k), dict) and "each" in ln[k]:
                            c.append((f"{b}.{k}", {"each": {"p50": Num("5"), "p90": Num("9.5")}} if k != "size" else "2KB"))
        return c
