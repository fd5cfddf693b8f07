"""Odd values in odd places, put into a random project: zeros, unknowns, limits of 0, huge and tiny
numbers, names that have to be quoted, tiers that nobody uses, features without lines, past dates,
and scenarios that set every kind of value."""
import datetime, json, pathlib, random

import generate, oracle
from generate import Num

# Where an estimate may stand: (section, keys after the name), * any name.
ESTIMATES = {
    "apis": [("retry_ratio",), ("endpoints", "*", "credits"), ("endpoints", "*", "credits_per_item"),
             ("endpoints", "*", "credits_per_step"), ("endpoints", "*", "duration")],
    "tables": [("row_size",), ("ratio",), ("rows",)],
    "queues": [("message_size",), ("depth",), ("workers", "rate"), ("compact", "keys")],
    "models": [("retry_ratio",), ("duration",)],
    "entities": [("per_tenant",), ("count",)],
    "features": [("adoption",), ("active",)],
}
LINE_KEYS = ("rate", "fanout", "items", "rows", "count", "size", "units")
# Limits that can be 0, by section.
LIMITS = {
    "apis": [("plan", "credits"), ("budget",)],
    "databases": [("storage",)],
    "tables": [("max_size",)],
    "queues": [("partitions",), ("storage",), ("max_depth",)],
    "models": [("budget",)],
}

SCHEMA = json.loads((pathlib.Path(__file__).parent / "../../schema/capacity.schema.json").read_text())
RULES = sorted(SCHEMA["properties"]["rules"]["properties"])
ALLOWED_ON_LINES = sorted(SCHEMA["definitions"]["rule-of-lines"]["enum"])
ALLOWED_ON_TABLES = sorted(SCHEMA["definitions"]["rule-of-tables"]["enum"])
KINDS = ["credits", "rate", "spend", "storage", "writes", "throughput", "retained", "workers", "depth", "drain"]


is_map = oracle.is_map


class Edges:
    def __init__(self, gen):
        self.g = gen
        self.doc = gen.doc
        self.r = random.Random(f"edges{gen.r.random()}")

    def ch(self, p):
        return self.r.random() < p

    def slots(self):
        """(holder, key, kind) of every estimate there is"""
        out = []
        for sec, keys in ESTIMATES.items():
            for body in self.doc.get(sec, {}).values():
                for key in keys:
                    self.walk(body, key, out)
        for tier in self.doc.get("tenants", {}):
            self.leaf(self.doc["tenants"], tier, out)
        for feat in self.doc.get("features", {}).values():
            for lst in oracle.LISTS:
                for ln in feat.get(lst, []):
                    for k in LINE_KEYS:
                        if k in ln:
                            self.leaf(ln, k, out)
                    if isinstance(ln.get("cache"), dict):
                        for k in ("hit_ratio", "keys"):
                            if k in ln["cache"]:
                                self.leaf(ln["cache"], k, out)
        return out

    def walk(self, body, keys, out):
        k, rest = keys[0], keys[1:]
        for name in list(body) if k == "*" else [k]:
            if name not in body:
                continue
            if rest:
                if isinstance(body[name], dict):
                    self.walk(body[name], rest, out)
            else:
                self.leaf(body, name, out)

    def leaf(self, holder, key, out):
        if is_map(holder[key]):
            for k in holder[key]:
                if k != "growth":
                    out.append((holder[key], k, key))
        else:
            out.append((holder, key, key))

    def apply(self):
        r, doc = self.r, self.doc
        slots = self.slots()
        for holder, key, kind in slots:
            if self.ch(.06):
                holder[key] = self.odd(holder[key], kind)
        for sec, keys in LIMITS.items():
            for body in doc.get(sec, {}).values():
                for key in keys:
                    h = body
                    for k in key[:-1]:
                        h = h.get(k, {})
                    if key[-1] in h and self.ch(.08):
                        old = h[key[-1]]
                        h[key[-1]] = {"now": 0, "max": old["max"]} if isinstance(old, dict) and self.ch(.5) else 0
        self.things()
        self.metered()
        self.structure()
        self.scenarios()
        self.judging()

    def judging(self):
        """every rule, severity and threshold: they change no number, and must be accepted"""
        r, doc = self.r, self.doc
        if self.ch(.4):
            doc["rules"] = {x: r.choice(["off", "info", "warning", "error"]) for x in r.sample(RULES, r.randint(1, 12))}
        if self.ch(.4):
            change = doc.setdefault("policy", {}).setdefault("change", {})
            for kind in r.sample(KINDS + ["feature"], r.randint(1, 5)):
                above = 1000
                change[kind] = r.choice(["20%", Num("0.25"), {"percent": "30%"}, {"percent": "30%", "above": above}, {"above": above}])
        if self.ch(.4):
            limits = doc.setdefault("policy", {}).setdefault("limits", {})
            for kind in r.sample(KINDS, r.randint(1, 4)):
                limits[kind] = {w: r.choice([{"tight": "55%"}, {"breaks": Num("0.97")}, {"tight": Num("0.5"), "breaks": "99%"}])
                                for w in r.sample(["today", "scenario"], r.randint(1, 2))}
        if self.ch(.3):
            doc["waivers"] = [{"rule": r.choice(RULES), "subject": "tables.*", "reason": "seen", "ceiling": r.choice(["200GB", 3, "75%"])},
                              {"rule": r.choice(RULES), "subject": "*", "reason": "seen", "owner": "x", "until": datetime.date(2020, 1, 1)}]
        for feat in doc.get("features", {}).values():
            for lst in oracle.LISTS:
                for ln in feat.get(lst, []):
                    if self.ch(.1):
                        ln["allow"] = r.sample(ALLOWED_ON_LINES, r.randint(1, 3))
                        ln["reason"] = "known"
        for tb in doc.get("tables", {}).values():
            if self.ch(.1):
                tb["allow"] = r.sample(ALLOWED_ON_TABLES, r.randint(1, 3))
                tb["reason"] = "known"

    def odd(self, value, kind):
        """something else of the same type"""
        r = self.r
        x = r.random()
        inner = value.get("each", value) if isinstance(value, dict) else value
        sample = inner["p50"] if isinstance(inner, dict) else inner
        if x < .45:
            return "unknown"
        rate = isinstance(sample, str) and (kind == "rate")
        share = kind in ("adoption", "hit_ratio")
        if rate:
            if sample.startswith("every"):
                return r.choice(["every 1s", "every 400d", "every 1y", "every month", "every 7s"])
            return r.choice(["0/day", "1/y".replace("y", "1y"), "0.001/month", "1/52w", "3/mo", "2/weeks", "250_000.5/days"])
        if share:
            return r.choice([0, 1, "100%", "0%", Num("1.0")]) if self.g.certain or self.ch(.5) else {"p50": Num("0.95"), "p90": Num("1.4")}
        if kind == "duration":
            return r.choice(["1ms", "1s", "1d", "90s"])
        if kind in ("size", "row_size", "message_size"):
            return r.choice([0, 1, "1B", "0.5KB", "3TB", "2PB", "1KiB"])
        if kind == "retry_ratio":
            return r.choice([0, 1, "250%", "0.01%"])
        if x < .7:
            return 0
        if x < .8 or self.g.certain:
            return r.choice([Num("0.000001"), Num("1e-3"), 1_000_000_000, Num("2.5e9")])
        v = Num("0.25") if kind in ("ratio", "retry_ratio") else Num("7")
        return r.choice([{"p50": v, "p90": v}, {"p10": v, "p50": v, "p90": v}, {"p10": Num("0.01"), "p50": v, "p90": Num("30")}])

    def things(self):
        r, doc = self.r, self.doc
        for api in doc.get("apis", {}).values():
            if self.ch(.08):
                api["plan"] = r.choice([{"price": 50}, {"credits": 5000}, {"credits": {"now": 100}}, {}])
            if self.ch(.05):
                api["packs"] = []
            if self.ch(.1):
                api["endpoints"][r.choice(['/with "quotes"/', "/dots.in.it", "naïve path", "apis", "ftp://x:y", " spaced "])] = {}
            if self.ch(.05) and api.get("packs"):
                api["packs"][0]["price"] = 0
            if self.ch(.08):
                api.pop("retry_ratio", None)
        for db in doc.get("databases", {}).values():
            if self.ch(.05):
                db["overhead"] = r.choice([0, Num("2.5"), "0%"])
            if self.ch(.05):
                db["writes"] = r.choice(["0/s", {"now": "0/min", "max": "5k/min"}, "1/d"])
        for tb in doc.get("tables", {}).values():
            if tb["kind"] == "state":
                continue
            if self.ch(.1):
                tb["retention"] = r.choice(["1s", "1h", "100y", "3d7h"])
            if self.ch(.06):
                tb["compress"] = {"after": r.choice(["1h", "10y", "1d"]), "ratio": r.choice([0, 1, Num("1.5"), "100%"])}
            if self.ch(.06):
                tb["expire"] = "drop" if "partition" in tb else "delete"
            if self.ch(.06):
                tb["existing"] = r.choice([0, "0B", "5TB"])
        for qu in doc.get("queues", {}).values():
            if self.ch(.3):
                qu["replay"] = r.choice([0, 3, "650%"])
            if self.ch(.05):
                qu["depth"] = 0
            if self.ch(.1) and qu["broker"] == "sqs-fifo":
                qu["retention"] = "9d"
            if "workers" in qu and self.ch(.1):
                qu["workers"]["max"] = 0 if "max" in qu["workers"] else 3
            if "workers" in qu and self.ch(.05):
                qu["workers"]["rate"] = "0/s"
        for n, md in doc.get("models", {}).items():
            if isinstance(md.get("price"), dict) and self.ch(.3):
                md["price"]["requests"] = Num("0.75")
            if isinstance(md.get("price"), dict) and self.ch(.1):
                md["price"].pop("per", None)
            if isinstance(md.get("capacity"), dict) and "now" not in md["capacity"] and self.ch(.15):
                k = r.choice(list(md["capacity"]))
                md["capacity"][k] = r.choice(["0/min", {"now": "1/h", "max": "9k/h"}])
        for e in doc.get("entities", {}).values():
            if "count" in e and self.ch(.2):
                e["fixed"] = self.ch(.7)

    def new(self, key, p):
        return self.g.has(key, p)

    def metered(self):
        """the borders of what limits, steps, prices and growth say"""
        r, doc = self.r, self.doc
        for t, v in doc.get("tenants", {}).items():
            if self.new("growth", .08):
                doc["tenants"][t] = {"now": r.choice([0, 500]), "growth": r.choice(["-100%/month", "0%/week", "-100%/year", "100%/year", "-99.9%/day"])}
        for a, api in doc.get("apis", {}).items():
            for ep in api["endpoints"].values():
                if "step" in ep and self.ch(.3):
                    ep["step"] = r.choice([Num("0.1"), 3, Num("1e-3"), 1_000_000])
            self.overlaps(api)
            if isinstance(api.get("overage"), list) and self.ch(.3):
                api["overage"] = [{"up_to": 1, "price": 0, "per": 1}, {"up_to": 10 ** 9, "price": 1, "per": 1000}, {"price": 0, "per": 1}]
            if isinstance(api.get("budget"), dict) and self.ch(.2):
                api["budget"]["now"] = 0
        for n, md in doc.get("models", {}).items():
            if "min_units" in md and self.ch(.3):
                md["min_units"] = r.choice([0, 10 ** 9, Num("0.001")])
            for x in md.get("limits", []):
                self.odd_limit(x)
        for feat in doc.get("features", {}).values():
            for lst in oracle.LISTS:
                for ln in feat.get(lst, []):
                    self.odd_line(ln)
        for qu in doc.get("queues", {}).values():
            if "retention_bytes" in qu and self.ch(.3):
                qu["retention_bytes"] = r.choice([1, "9PB"])
            if "compact" in qu and self.ch(.3):
                qu["compact"] = {"keys": r.choice([0, 10 ** 7]), "per": "project"}
            if "price" in qu and self.ch(.3):
                qu["price"] = {"per": r.choice(["1B", "1TB"]), "month": r.choice([0, Num("0.000001"), 9])}
        for c in doc.get("costs", {}).values():
            if self.ch(.2):
                c["price"] = r.choice([0, Num("0.01"), 10 ** 9])
        for b in doc.get("budgets", {}).values():
            if self.ch(.1):
                b["budget"] = 0
            if "of" in b and self.ch(.2):
                b["of"] = ["*", *b["of"]]

    def odd_line(self, ln):
        """amounts at the borders of steps and with huge ratios, batches without a spread"""
        r = self.r
        step = r.choice(["3", "0.3", "1.2", "300", "299.9999999999", "300.0000001", "3000000", "100"])
        for k in ("items", "units"):
            if k in ln and not is_map(ln[k]) and self.ch(.15):
                ln[k] = Num(step)
        for k in ("items", "units", "rows", "fanout", "count"):
            if k in ln and not is_map(ln[k]) and self.new("each", .12):
                x = r.choice(["0.5", "1", "3", "40", "12000"] if k in ("items", "units") else ["0.5", "3"])
                y = float(x)
                ln[k] = {"each": r.choice([
                    {"p50": Num(x), "p90": Num(x)}, {"p10": Num(x), "p50": Num(x), "p90": Num(f"{y * 3:.10g}")},
                    {"p50": Num(x), "p90": Num(f"{y * 900:.10g}")}, {"p10": Num(f"{y / 900:.10g}"), "p50": Num(x), "p90": Num(x)},
                    {"p50": Num(x), "p90": Num(f"{y * 1.0001:.10g}")}])}
        if self.ch(.1):
            ln.pop("spread", None)
        if isinstance(ln.get("cache"), dict) and "keys" in ln["cache"] and self.ch(.2):
            ln["cache"]["keys"] = r.choice([0, 1, Num("0.1"), 10 ** 9])
        if "peak_day" in ln and self.ch(.3):
            ln["peak_day"] = r.choice([1, 7])

    def odd_limit(self, x):
        r = self.r
        if "largest" in x and self.ch(.2):
            x["largest"] = r.choice([1, 10 ** 6])
        if isinstance(x.get("rate"), str) and x["rate"] != "none" and self.ch(.1):
            x["rate"] = "0/" + x["rate"].split("/")[1]
        if isinstance(x.get("concurrent"), int) and self.ch(.1):
            x["concurrent"] = 0

    def overlaps(self, api):
        """exclusive limits that take the same endpoints"""
        r, names = self.r, list(api["endpoints"])
        for x in api.get("limits", []):
            self.odd_limit(x)
        if "limits" in self.g.without or not self.new("exclusive", .25):
            return
        for i in range(r.randint(1, 3)):
            e = r.choice(names)
            x = {"id": f"own{i}", "rate": "none" if self.new("none", .25) else r.choice(["5/s", "5k/day", "0/h"]), "exclusive": self.ch(.8),
                 "endpoints": r.choice([[e], ["*"], [e, "*"], [e[0] + "*"], names])}
            if self.ch(.4):
                x["counts"] = "credits"
            if self.g.has_tenants and self.new("per", .3):
                x["per"] = "tenant"
            api.setdefault("limits", []).append(x)

    def structure(self):
        r, doc = self.r, self.doc
        feats = doc.get("features", {})
        if self.ch(.1):
            doc.setdefault("features", {})["no-lines"] = {}
        if self.ch(.06):
            doc.setdefault("features", {})["empty.lists"] = {"calls": [], "writes": [], "owner": "x"}
        for f in feats.values():
            if self.ch(.05):
                f["launch"] = datetime.date(2019, 2, 3)
        if doc.get("tenants") and self.ch(.3):
            t = r.choice(list(doc["tenants"]))
            doc["tenants"][t] = r.choice([
                {"now": 0, "30d": 500}, {"now": 900, "30d": 0}, {"now": 0, "1d": 3, "400d": 9000}, {"now": 40, "2d": Num("0.5"), "31d": "unknown"},
                {"now": "unknown", "45d": 70}, 0])
        for e in doc.get("entities", {}).values():
            if "count" in e and self.ch(.15):
                e["count"] = r.choice([0, {"now": 0, "10d": 300}, {"now": 5000, "15d": 10, "700d": 6000}])
        if self.ch(.05):
            doc["scenarios"] = {}
        for sec in ("apis", "entities", "models", "queues"):
            if sec not in doc and self.ch(.05):
                doc[sec] = {}

    def scenarios(self):
        r, doc = self.r, self.doc
        if not doc.get("scenarios"):
            return
        if self.ch(.3):
            doc["scenarios"]["as-it-is"] = {}
        for s in list(doc["scenarios"].values()):
            if self.ch(.2):
                s["on"] = datetime.date(r.choice([2019, 2026, 2031]), 2, 3)
                if self.ch(.7):
                    s["lasts"] = r.choice(["1s", "30d", "31d", "29d", "2y"])
            if self.ch(.1):
                s["payload"] = r.choice([0, 1, 1000])
            if self.ch(.1):
                s["tenants"] = r.choice([0, 1, Num("0.001"), 1_000_000])
            if self.ch(.4):
                c = self.settable()
                if c:
                    s.setdefault("set", {}).update(dict(r.sample(c, min(len(c), r.randint(1, 4)))))
                    self.untangle(s["set"])
        return

    def untangle(self, sets):
        """of a value and one inside it, the outer goes"""
        for p in list(sets):
            if any(q != p and q.startswith(p + ".") for q in sets):
                del sets[p]

    def settable(self):
        r, doc, p = self.r, self.doc, oracle.path
        c = []

        def est(v):
            return r.choice([v, v, "unknown"] if self.g.certain or v == 0 else [v, {"p50": v, "p90": v}, "unknown"])
        for t, v in doc.get("tenants", {}).items():
            c += [(p("tenants", t), r.choice([0, 77, {"now": 5, "30d": 9}]))]
            if is_map(v):
                c += [(p("tenants", t, "now"), r.choice([0, 12, 5000]))]
                if "growth" not in v:
                    c += [(p("tenants", t, "30d"), 31)]
        for e, v in doc.get("entities", {}).items():
            if "count" in v:
                c += [(p("entities", e, "count"), est(r.choice([0, 1234]))), (p("entities", e, "fixed"), self.ch(.5))]
                if is_map(v["count"]):
                    c += [(p("entities", e, "count", "now"), 4321)]
            elif is_map(v["per_tenant"]):
                for t in v["per_tenant"]:
                    c += [(p("entities", e, "per_tenant", t), est(r.choice([0, 3])))]
            else:
                c += [(p("entities", e, "per_tenant"), est(r.choice([0, 3])))]
        for a, v in doc.get("apis", {}).items():
            if "rate_limit" in v:
                c += [(p("apis", a, "rate_limit"), r.choice(["9/s", ["1k/h", "5/s"], {"now": "3/min", "max": "4/min"}]))]
            if isinstance(v.get("overage"), dict):
                c += [(p("apis", a, "overage", "price"), Num("0.01")), (p("apis", a, "overage", "per"), 3)]
            if "budget" in v:
                c += [(p("apis", a, "budget"), r.choice([1000, {"now": 1, "max": 2}]))]
            for k in v.get("packs", []):
                c += [(p("apis", a, "packs", k["name"], "price"), Num("9.99")), (p("apis", a, "packs", k["name"], "credits"), 777)]
            for e, b in v.get("endpoints", {}).items():
                for k in b:
                    if k in ("credits_per_item", "min_credits"):
                        c += [(p("apis", a, "endpoints", e, k), r.choice([0, 6]))]
        for d, v in doc.get("databases", {}).items():
            if "writes" in v:
                c += [(p("databases", d, "writes"), "300/s")]
            if "storage" in v:
                c += [(p("databases", d, "storage"), {"now": "1GB", "max": "3TB"})]
        for t, v in doc.get("tables", {}).items():
            c += [(p("tables", t, "existing"), "9GB"), (p("tables", t, "indexes"), 4)]
            if v["kind"] == "state":
                c += [(p("tables", t, "rows"), est(11))]
            else:
                if "compress" in v:
                    c += [(p("tables", t, "compress", "after"), "3d"), (p("tables", t, "compress", "ratio"), "33%")]
                if "partition" in v:
                    c += [(p("tables", t, "partition"), "month")]
                    if "expire" in v:
                        c += [(p("tables", t, "expire"), r.choice(["drop", "detach", "delete"]))]
        for q, v in doc.get("queues", {}).items():
            c += [(p("queues", q, "message_size"), est("3KB"))]
            for k, x in (("partitions", {"now": 4, "max": 40}), ("partition_throughput", "2MB/s"), ("replay", 6), ("retention", "8d"),
                         ("storage", "4GB"), ("max_depth", 400)):
                if k in v:
                    c += [(p("queues", q, k), x)]
            if "count" in v.get("workers", {}):
                c += [(p("queues", q, "workers", "count"), 5)]
        for n, v in doc.get("models", {}).items():
            if isinstance(v.get("price"), dict):
                k = r.choice([x for x in v["price"] if x != "per"])
                c += [(p("models", n, "price", k), Num("0.125"))]
                if "per" in v["price"]:
                    c += [(p("models", n, "price", "per"), 500)]
            elif "price" in v:
                c += [(p("models", n, "price"), Num("0.125"))]
            if "budget" in v:
                c += [(p("models", n, "budget"), 5)]
            if isinstance(v.get("capacity"), dict) and "now" not in v["capacity"]:
                c += [(p("models", n, "capacity", r.choice(list(v["capacity"]))), "77/h")]
        for f, v in doc.get("features", {}).items():
            if is_map(v.get("adoption")):
                c += [(p("features", f, "adoption", r.choice(list(v["adoption"]))), est(Num("0.4")))]
            for lst in oracle.LISTS:
                for ln in v.get(lst, []):
                    b = p("features", f, lst, oracle.default_id(doc, lst, ln))
                    if is_map(ln.get("units")):
                        c += [(f"{b}.units.{oracle.key(r.choice(list(ln['units'])))}", est(50))]
                    elif "units" in ln:
                        c += [(b + ".units", est(50))]
                    if isinstance(ln.get("cache"), dict):
                        c += [(b + ".cache", False)]
                        if "keys" in ln["cache"]:
                            c += [(b + ".cache.keys", est(r.choice([0, 60])))]
                    if "spread" in ln:
                        c += [(b + ".spread", "17m")]
                    rt = ln.get("rate")
                    if rt is not None and "per" in ln and ln["per"] == "tenant" and "project" in doc:
                        c += [(b + ".per", "project")] if "tenants" not in ln else []
        for sec, keys in LIMITS.items():
            for name, body in doc.get(sec, {}).items():
                for key in keys:
                    h = body
                    for k in key:
                        h = h.get(k, {}) if isinstance(h, dict) else {}
                    if isinstance(h, dict) and "max" in h:
                        v = h[r.choice(["now", "max"])]
                        c += [(p(sec, name, *key, side), v) for side in ("now", "max")]
        if "project" in doc:
            c += [("project.peak", 3), ("project.horizon", "200d")]
        return c
