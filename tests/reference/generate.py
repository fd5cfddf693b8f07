#!/usr/bin/env python3
"""Random valid capacity.toml projects.

    python3 generate.py --seed N --out DIR [--certain] [--small|--large]
"""
import argparse, datetime, json, math, os, random, re, sys
from decimal import Decimal

import oracle


# ------------------------------------------------------------- TOML out

def k_(s):
    return s if re.fullmatch(r"[A-Za-z0-9_-]+", s) else json.dumps(s)


class Num(str):
    """a number already spelled"""


def val(v):
    if isinstance(v, Num):
        return str(v)
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, datetime.date):
        return v.isoformat()
    if isinstance(v, (int, float, Decimal)):
        return repr(v) if not isinstance(v, Decimal) else str(v)
    if isinstance(v, str):
        return json.dumps(v)
    if isinstance(v, list):
        return "[" + ", ".join(val(x) for x in v) + "]"
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k_(k)} = {val(x)}" for k, x in v.items()) + " }" if v else "{}"
    raise TypeError(v)


def fmt(x):
    """three significant digits, no exponent"""
    if x == 0:
        return "0"
    d = 2 - math.floor(math.log10(abs(x)))
    x = round(x, d)
    if d <= 0:
        return str(int(x))
    s = f"{x:.{min(d, 12)}f}"
    return s.rstrip("0").rstrip(".") if "." in s else s


class Gen:
    def __init__(self, seed, certain, size, edgy=False):
        self.edgy = edgy
        self.r = random.Random(f"capgen{seed}")
        self.certain = certain
        self.size = size
        self.doc = {}
        self.p_unknown = self.r.choice([0, 0, 0, 0.004, 0.02])
        self.p_est = 0 if certain else self.r.choice([0.1, 0.3, 0.5])
        self.spreadmax = 1.8

    # ----- primitives
    def ch(self, p):
        return self.r.random() < p

    def log(self, lo, hi):
        return math.exp(self.r.uniform(math.log(lo), math.log(hi)))

    def num(self, x):
        """spell a count"""
        s = fmt(x)
        if "." not in s and len(s) > 3 and self.ch(0.4):
            return Num(f"{int(s):_}")
        return Num(s)

    def ratio(self, x):
        s = fmt(x * 100)
        if self.ch(0.5):
            return s + "%"
        return Num(fmt(x))

    def dur(self, sec):
        """a duration near sec seconds"""
        opts = [("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800), ("mo", 2592000), ("y", 31536000)]
        opts = [(u, s) for u, s in opts if s <= sec and sec / s < 2000] or [("s", 1)]
        u, s = self.r.choice(opts[-2:])
        n = max(1, round(sec / s))
        i = [o[0] for o in [("s",), ("m",), ("h",), ("d",)]]
        if self.ch(0.15) and u in ("d", "h", "m"):
            low, part = {"d": ("h", 12), "h": ("m", 30), "m": ("s", 30)}[u]
            return f"{n}{u}{part}{low}"
        return f"{n}{u}"

    def size_(self, b):
        if b < 1:
            b = 1
        if self.ch(0.12):
            return Num(str(int(round(b))))
        us = [("B", 1), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1024 ** 2), ("GiB", 1024 ** 3), ("TiB", 1024 ** 4)]
        us = [(u, s) for u, s in us if s <= b and b / s < 5000] or [("B", 1)]
        u, s = self.r.choice(us)
        x = fmt(b / s)
        if u == "B":
            x = str(max(1, int(float(x))))
        return x + u

    PER = {"s": ["s", "sec", "second"], "min": ["min", "minute"], "h": ["h", "hour", "hours"], "day": ["day", "d", "day", "day"],
           "week": ["week", "w"], "month": ["month", "mo"]}

    def spell_n(self, x):
        s = fmt(x)
        if self.ch(0.25):
            for suf, m in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
                if x >= m:
                    return fmt(float(s) / m) + suf
        if "." not in s and len(s) > 3 and self.ch(0.3):
            return f"{int(s):_}"
        return s

    def rate_in(self, n, per):
        return f"{self.spell_n(n)}/{per}"

    def est(self, x, spell, dist=None, p_est=None, p_unknown=None):
        """an estimate around x of a type spelled by spell(x)"""
        if self.ch(self.p_unknown if p_unknown is None else p_unknown):
            return "unknown"
        if x > 0 and self.ch(self.p_est if p_est is None else p_est):
            up = self.r.uniform(1.05, self.spreadmax)
            for _ in range(20):
                o = {}
                if self.ch(0.5):
                    o["p10"] = spell(x / self.r.uniform(1.05, self.spreadmax))
                o["p50"] = spell(x)
                o["p90"] = spell(x * up)
                if self.ordered(o):
                    return o
        return spell(x)

    def ordered(self, o):
        def f(v):
            if isinstance(v, Num):
                return float(v.replace("_", ""))
            if isinstance(v, str):
                if v.endswith("%"):
                    return oracle.p_ratio(v)
                if "/" in v or v.startswith("every"):
                    return oracle.p_rate(v, 30).per_day
                return oracle.p_size(v)
            return float(v)
        q = [f(o[k]) for k in ("p10", "p50", "p90") if k in o]
        return q[0] > 0 and all(a <= b for a, b in zip(q, q[1:]))

    def steady_rate(self, per_day):
        name = self.r.choice(["s", "min", "h", "day", "day", "day", "week", "month", "dur"])
        if name == "dur":
            d = self.r.choice(["15m", "2h", "10s", "1d12h", "90s", "3d"])
            sec = oracle.p_duration(d)
            f = lambda x: f"{fmt(x * sec / 86400)}/{d}"
        else:
            sp = self.r.choice(self.PER[name])
            sec = {"s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800, "month": 2592000}[name]
            f = lambda x: f"{self.spell_n(x * sec / 86400)}/{sp}"
        return self.est(per_day, f)

    EVERY = [("every 15m", 900), ("every 1h", 3600), ("every 6h", 21600), ("every day", 86400), ("every 1d", 86400),
             ("every 5m", 300), ("every week", 604800), ("every 90m", 5400), ("every hour", 3600), ("every 1d12h", 129600),
             ("every month", 2592000), ("every 12h", 43200), ("every 20s", 20)]

    def batch_rate(self):
        e, s = self.r.choice(self.EVERY)
        if self.ch(self.p_est):
            fast = self.dur(s / self.r.uniform(1.1, self.spreadmax))
            slow = self.dur(s * self.r.uniform(1.1, self.spreadmax))
            o = {}
            if self.ch(0.5):
                o["p10"] = "every " + slow
            o["p50"] = e
            o["p90"] = "every " + fast
            dpm = float(self.doc.get("project", {}).get("days_per_month", 30))
            f = [oracle.p_rate(o[k], dpm).per_day for k in ("p10", "p50", "p90") if k in o]
            if all(a <= b for a, b in zip(f, f[1:])):
                return o, s
        return e, s

    def limit(self, x, spell, p_max=0.35, up=None):
        if self.ch(p_max):
            return {"now": spell(x), "max": spell(x * (up or self.r.choice([1, 1.5, 3, 8, 20])))}
        return spell(x)

    def util(self):
        """a utilization to aim a limit at"""
        return self.r.choice([self.log(0.05, 0.7), self.log(0.6, 1.3), self.log(1, 8), self.log(0.01, 0.2), self.log(0.5, 1.0)])

    def name(self, base, i):
        if self.ch(0.04):
            return f"{base}.v{i}"
        return self.r.choice([f"{base}-{i}", f"{base}_{i}", f"{base}{i}"])

    # ----- sections
    def build(self):
        self.demand()
        self.workers()
        self.depths()
        self.limits()
        self.governance()
        if self.edgy:
            import edges
            edges.Edges(self).apply()
        return self.doc

    def count_n(self, lo, hi):
        m = {"small": 0.5, "medium": 1, "large": 2.5}[self.size]
        return max(0, round(self.r.randint(lo, hi) * m))

    def projection(self, x, p=0.5):
        if self.ch(p):
            o = {"now": self.est(x, self.num)}
            days = sorted(self.r.sample([7, 30, 30, 45, 60, 90, 120, 180], self.r.randint(1, 3)))
            for d in dict.fromkeys(days):
                x = x * self.r.uniform(0.8, 1.7)
                o[f"{d}d"] = self.est(x, self.num, p_est=self.p_est * 0.4)
            return o
        if self.ch(0.2):
            return {"now": self.est(x, self.num)}
        return self.est(x, self.num)

    def demand(self):
        r, doc = self.r, self.doc
        if self.ch(0.92):
            p = doc["project"] = {}
            if self.ch(.7):
                p["name"] = f"proj{r.randint(1, 99)}"
            if self.ch(.2):
                p["currency"] = r.choice(["EUR", "USD", "GBP"])
            if self.ch(.3):
                p["days_per_month"] = r.choice([31, 30, 28, Num("30.4375")])
            if self.ch(.5):
                p["horizon"] = r.choice(["180d", "2y", "1y", "90d", "960h", "18mo", "30d", "20w"])
            if self.ch(.5):
                p["peak"] = r.choice([1, 2, Num("2.5"), 4])
            if self.ch(.15):
                p["specs"] = ["specs/**/*.md"]
            if self.ch(.1):
                p["require"] = ">=0.0.1"
        self.has_tenants = self.ch(0.9)
        self.tiers = []
        if self.has_tenants:
            doc["tenants"] = {}
            for t in r.sample(["free", "pro", "team", "enterprise", "trial", "idle-tier"], r.randint(1, 4)):
                x = 0 if self.ch(.05) else self.log(5, 20000)
                doc["tenants"][t] = self.projection(x)
                self.tiers.append(t)
            if self.ch(.03):
                for t in self.tiers:
                    doc["tenants"][t] = 0
        ents = {}
        self.counted = []
        for i in range(self.count_n(0, 3)):
            n = self.name("ent", i)
            if self.has_tenants and self.ch(.55):
                if self.ch(.5):
                    pt = {t: self.est(self.log(0.5, 60), self.num) for t in r.sample(self.tiers, r.randint(1, len(self.tiers)))}
                else:
                    pt = self.est(self.log(0.5, 60), self.num)
                ents[n] = {"per_tenant": pt}
            else:
                ents[n] = {"count": self.projection(self.log(10, 300000), .4)}
                if self.ch(.3):
                    ents[n]["fixed"] = r.choice([True, True, False])
                self.counted.append(n)
        if ents:
            doc["entities"] = ents
        self.pers = list(ents)
        # apis
        apis = {}
        self.eps = []   # (api, endpoint)
        for i in range(self.count_n(1, 3)):
            a = self.name("api", i)
            api = apis[a] = {}
            if self.ch(.35):
                api["retry_ratio"] = self.est(r.uniform(.01, .4), self.ratio)
            if self.ch(.3):
                api["lead_time"] = r.choice(["3d", "1w", "36h"])
            eps = api["endpoints"] = {}
            for j in range(r.randint(1, 4)):
                e = r.choice([f"/e{i}{j}/", f"/common{j}/", f"GET /v{j}/x", f"op{i}{j}", f"v{j}:batch"])
                ep = {}
                if self.ch(.9):
                    ep["credits"] = self.est(r.choice([1, 1, 2, 5, .5, 10]), self.num)
                if self.ch(.3):
                    ep["credits_per_item"] = self.est(self.log(.05, 3), self.num)
                if self.ch(.25):
                    ep["min_credits"] = r.choice([1, 2, 15, Num("0.5")])
                if self.ch(.4):
                    ep["cacheable"] = r.choice([False, "15m", "1d"])
                if self.ch(.2):
                    ep["measured"] = datetime.date(2026, r.randint(1, 11), r.randint(1, 28))
                eps[e] = ep
                self.eps.append((a, e))
        if apis:
            doc["apis"] = apis
        self.eps = list(dict.fromkeys(self.eps))
        owners = {}
        for a, e in self.eps:
            owners.setdefault(e, []).append(a)
        self.owners = owners
        # databases and tables
        dbs = {}
        for i in range(r.choice([0, 1, 1, 1, 2, 2])):
            db = dbs[self.name("db", i)] = {}
            if self.ch(.6):
                db["engine"] = r.choice(["postgres", "mysql", "clickhouse", "s3"])
            if self.ch(.4):
                db["overhead"] = self.ratio(r.uniform(0, .6))
            if self.ch(.2):
                db["reversible"] = self.ch(.5)
            if self.ch(.1):
                db["decision"] = "docs/adr/0001.md"
        tabs = {}
        self.rowtabs, self.writable = [], []
        if dbs:
            doc["databases"] = dbs
            for i in range(self.count_n(1, 6)):
                n = self.name("tab", i)
                t = {}
                kinds = ["snapshot", "event", "event", "state"] + (["rollup"] * 3 if self.rowtabs else [])
                kind = t["kind"] = r.choice(kinds)
                if len(dbs) > 1 or self.ch(.3):
                    t["database"] = r.choice(list(dbs))
                t["row_size"] = self.est(self.log(40, 4000), self.size_)
                if self.ch(.5):
                    t["indexes"] = r.randint(0, 6)
                if self.ch(.5):
                    t["existing"] = self.size_(self.log(1e3, 5e10))
                if kind == "state":
                    t["rows"] = self.est(self.log(.2, 50), self.num)
                    per = self.pick_per()
                    if per != "tenant" or self.ch(.3):
                        t["per"] = per
                else:
                    if self.ch(.85):
                        t["retention"] = r.choice(["forever", "30d", "90d", "1y", "36h", "2w", "3mo", "400d", "7d", "12h"])
                        if t["retention"] == "forever":
                            t["reason"] = "asked for by the auditors"
                    if self.ch(.5):
                        t["partition"] = r.choice(["day", "week", "month", "year", "36h", "10d", "1d12h"])
                        if self.ch(.5):
                            t["expire"] = r.choice(["drop", "detach", "delete"])
                    elif "retention" in t and self.ch(.2):
                        t["expire"] = "delete"
                    if self.ch(.35):
                        t["compress"] = {"after": r.choice(["7d", "1d", "36h", "30d", "6h", "120d"]), "ratio": self.ratio(r.uniform(.05, .9))}
                    if kind == "rollup":
                        t["from"] = r.choice(self.rowtabs)
                        t["ratio"] = self.est(self.log(.001, .5), self.ratio)
                    self.rowtabs.append(n)
                if kind != "rollup":
                    self.writable.append(n)
                if self.ch(.15):
                    t["allow"] = [r.choice(["table-without-rollup", "table-without-partition", "expire-by-delete"])]
                    t.setdefault("reason", "known")
                tabs[n] = t
            if tabs:
                doc["tables"] = tabs
        # queues
        qs = {}
        for i in range(self.count_n(0, 3)):
            b = r.choice(["kafka", "kafka", "sqs", "sqs-fifo", "rabbitmq", "redis"])
            q = {"broker": b, "message_size": self.est(self.log(100, 200000), self.size_)}
            if self.ch(.2) and (b == "kafka" or b.startswith("sqs")):
                q["max_message"] = r.choice(["1MB", "256KB", "1MiB"])
            if self.ch(.6) and b in ("kafka", "sqs"):
                q["retention"] = r.choice(["7d", "4d", "12h", "36h"])
            if b == "kafka":
                if self.ch(.4):
                    q["partition_throughput"] = r.choice(["1MB/s", "500KB/s", "5MiB/s", "60MB/min"])
                if self.ch(.6):
                    q["replication"] = r.choice([1, 2, 3])
                if self.ch(.7):
                    q["replay"] = r.choice([0, 5, Num("2.5"), "700%"])
            if b == "redis" and self.ch(.5):
                q["eviction"] = r.choice(["noeviction", "allkeys-lru"])
            if self.ch(.2):
                q["reversible"] = self.ch(.5)
            if self.ch(.1):
                q["decision"] = "docs/adr/0002.md"
            qs[self.name("q", i)] = q
        if qs:
            doc["queues"] = qs
        # models
        ms = {}
        for i in range(self.count_n(0, 2)):
            md = ms[self.name("llm", i)] = {}
            shape = r.choice(["one", "one-unit", "table", "table", "none", "caponly", "one-in-table"])
            if shape in ("one", "one-unit"):
                md["price"] = Num(fmt(self.log(.0005, .5)))
                if shape == "one-unit":
                    md["unit"] = r.choice(["audio-minute", "image"])
            elif shape == "table":
                md["price"] = {"per": Num("1_000_000"), "input": Num("3.00"), "output": Num(fmt(self.log(5, 30)))}
                if self.ch(.3):
                    md["price"] = {"per": 1000, "input": Num("0.25"), "cached-input": Num("0.02"), "output": Num("1.1")}
            elif shape == "one-in-table":
                md["price"] = {"per": 1000, "tokens": Num("0.4")}
            elif shape == "none":
                if self.ch(.5):
                    md["unit"] = "page"
            md["_shape"] = shape
            if "price" in md and self.ch(.4):
                md["price_as_of"] = datetime.date(2026, r.randint(1, 11), 5)
            if self.ch(.4):
                md["retry_ratio"] = self.est(r.uniform(.01, .3), self.ratio)
            if shape == "caponly":
                md["capacity"] = {"input": "1/min", "output": "1/min"}   # replaced later
        self.shapes = {n: md.pop("_shape") for n, md in ms.items()}
        if ms:
            doc["models"] = ms
        # features
        feats = {}
        for i in range(self.count_n(1, 5)):
            f = self.name("feat", i)
            feats[f] = self.feature(f)
        if feats:
            doc["features"] = feats

    def pick_per(self):
        opts = self.counted + ["project"]
        if self.has_tenants:
            opts = ["tenant"] * 4 + self.pers + ["project"]
        return self.r.choice(opts)

    def feature(self, f):
        r = self.r
        ft = {}
        if self.ch(.3):
            ft["spec"] = "spec.md"
        if self.ch(.5):
            ft["owner"] = r.choice(["growth", "data", "core"])
        tiers = self.tiers
        if self.has_tenants:
            if self.ch(.4):
                tiers = ft["tenants"] = r.sample(self.tiers, r.randint(1, len(self.tiers)))
            x = r.random()
            if x < .2:
                ft["adoption"] = self.est(r.uniform(.05, 1), lambda v: self.ratio(v))
                if isinstance(ft["adoption"], dict) and oracle.p_ratio(self.plain(ft["adoption"]["p50"])) > 1:
                    ft["adoption"] = "50%"
            elif x < .4:
                ft["adoption"] = {t: self.est(r.uniform(.05, 1), lambda v: self.ratio(v)) for t in r.sample(tiers, r.randint(1, len(tiers)))}
            elif x < .55:
                ft["active"] = self.est(self.log(1, 5000), self.num)
        if self.ch(.2):
            ft["launch"] = datetime.date(2026, r.randint(1, 12), r.randint(1, 28))
        lists = []
        if self.eps:
            lists += ["calls"] * 4
        if self.writable:
            lists += ["writes"] * 3
        if self.doc.get("queues"):
            lists += ["messages"] * 3
        if self.doc.get("models"):
            lists += ["inference"] * 2
        parents = []
        ids = set()
        n = r.randint(1, 6) if self.ch(.95) else 0
        for j in range(n):
            if not lists:
                break
            lst = r.choice(lists)
            ln = {}
            if lst == "calls":
                a, e = r.choice(self.eps)
                apis = self.owners[e]
                bare_ok = len(apis) == 1 and not (e.partition(":")[1] and e.partition(":")[0] in self.doc["apis"])
                ref = e if bare_ok and self.ch(.5) else f"{a}:{e}"
                ln["endpoint"] = ref
                did = e
            elif lst == "writes":
                ln["table"] = did = r.choice(self.writable)
            elif lst == "messages":
                ln["queue"] = did = r.choice(list(self.doc["queues"]))
            else:
                ln["model"] = did = r.choice(list(self.doc["models"]))
            if did in ids or self.ch(.4):
                ln["id"] = did = f"{lst[:4]}-{j}"
            if did in ids:
                continue
            ids.add(did)
            after = parents and self.ch(.45)
            if after:
                ln["after"] = r.choice(parents[-3:])
                if self.ch(.6):
                    ln["fanout"] = self.est(self.log(.1, 8), self.num)
            else:
                per = self.pick_per()
                if per != "tenant" or self.ch(.15):
                    ln["per"] = per
                big = 1.0 if per != "project" else self.log(10, 50000)
                if self.ch(.3):
                    ln["rate"], p = self.batch_rate()
                    if self.ch(.55):
                        ln["spread"] = self.dur(p * r.choice([.01, .1, .25, .5, 1, 1, 1.6 if self.ch(.3) else .3]))
                else:
                    x = 0 if self.ch(.03) else self.log(.05, 60) * big
                    ln["rate"] = self.steady_rate(x)
                    if self.ch(.35) and ln["rate"] != "unknown":
                        ln["peak"] = r.choice([1, 2, Num("3.5"), 10])
                if self.has_tenants and per != "project" and self.ch(.2):
                    ln["tenants"] = r.sample(tiers, r.randint(1, len(tiers)))
                if self.ch(.3):
                    ln["measured"] = datetime.date(2026, r.randint(6, 11), r.randint(1, 20))
            if lst in ("calls", "inference") and self.ch(.45):
                ln["cache"] = self.cache()
            if lst == "calls" and self.ch(.35):
                ln["items"] = self.est(self.log(1, 100), self.num)
            if lst == "writes" and self.ch(.5):
                ln["rows"] = self.est(self.log(.2, 40), self.num)
            if lst == "messages":
                if self.ch(.4):
                    ln["count"] = self.est(self.log(.3, 12), self.num)
                if self.ch(.4):
                    ln["size"] = self.est(self.log(100, 90000), self.size_)
            if lst == "inference":
                us = oracle.Model.model_units(self._m(), ln["model"])
                if len(us) == 1:
                    ln["units"] = self.est(self.log(.5, 4000), self.num)
                else:
                    ln["units"] = {u: self.est(self.log(10, 5000), self.num) for u in us}
            if self.ch(.05):
                ln["allow"] = ["burst-undeclared"]
                ln["reason"] = "smoothed by the gateway"
            ft.setdefault(lst, []).append(ln)
            if lst != "writes":
                parents.append(did)
        for lst in oracle.LISTS:
            if lst in ft:
                r.shuffle(ft[lst])
        return ft

    def plain(self, v):
        return float(v.replace("_", "")) if isinstance(v, Num) else v

    def _m(self):
        o = object.__new__(oracle.Model)
        o.doc = self.doc
        return o

    def cache(self):
        r = self.r
        x = r.random()
        if x < .15:
            return False
        c = {}
        if x < .85:
            c["ttl"] = r.choice(["15m", "1h", "2h", "1d", "61m", "36h", "1w", "10s", "6h"])
        if x > .7:
            c["hit_ratio"] = self.est(r.uniform(0, .98), self.ratio)
            if isinstance(c["hit_ratio"], dict):
                for q in c["hit_ratio"].values():
                    pass
        if self.ch(.45):
            c["scope"] = "shared"
            c["keys"] = self.est(self.log(5, 1e6), self.num)
        elif self.ch(.3):
            c["scope"] = "tenant"
        return c

    # ----- limits aimed at what the oracle says
    def plain_doc(self):
        """the document as tomllib would give it"""
        import tomllib
        return tomllib.loads(dump(self.doc), parse_float=Decimal)

    def figures(self):
        return {x["id"]: x for x in oracle.run(self.plain_doc(), with_bp=False)["meters"]}

    def workers(self):
        r = self.r
        if not self.doc.get("queues"):
            return
        fig = self.figures()
        for q, qu in self.doc["queues"].items():
            if not self.ch(.7):
                continue
            dem = fig[oracle.path("queues", q, "workers")]["demand"]["point"] or self.log(.01, 10)
            wk = qu["workers"] = {}
            c = dem / r.choice([self.log(.02, .5), self.log(.3, .95), self.log(.95, 4)])
            mx = max(1, round(self.log(1, 60)))
            per = r.choice(["s", "min", "h"])
            sec = {"s": 1, "min": 60, "h": 3600}[per]
            if self.ch(.9):
                wk["rate"] = self.est(c / mx * sec, lambda x: self.rate_in(x, per))
            if self.ch(.85):
                wk["max"] = mx
            if self.ch(.6):
                wk["count"] = max(1, mx // 2)
            if self.ch(.4):
                wk["scale_on"] = r.choice(["queue-depth", "cpu"])
            if self.doc.get("apis") and self.ch(.3):
                wk["api"] = r.choice(list(self.doc["apis"]))
                if self.ch(.5):
                    wk["calls_per_job"] = r.choice([1, 2, Num("1.5")])
            if not wk:
                del qu["workers"]

    def depths(self):
        for q, qu in self.doc.get("queues", {}).items():
            if self.ch(.3):
                qu["depth"] = self.est(self.log(5, 1e6), self.num)

    def lim_rate(self, x, per):
        return self.limit(x, lambda v: self.rate_in(v, per))

    def limits(self):
        r, doc = self.r, self.doc
        fig = self.figures()

        def dem(*segs):
            f = fig.get(oracle.path(*segs))
            x = f["demand"]["point"] if f else None
            return x if x and math.isfinite(x) and x > 0 else None

        for a, api in doc.get("apis", {}).items():
            per_s = dem("apis", a, "rate", "s") or .5
            cr = dem("apis", a, "credits") or self.log(100, 1e6)
            if self.ch(.75):
                n = r.choice([1, 1, 1, 2, 3])
                lims = []
                for w in r.sample(["s", "min", "h", "day", "week", "month", "15m", "10s", "2h"], n):
                    sp = r.choice(self.PER[w]) if w in self.PER else w
                    sec = {"s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800, "month": 2592000, "15m": 900, "10s": 10, "2h": 7200}[w]
                    lims.append(self.lim_rate(max(per_s * sec / self.util(), 1e-3), sp))
                api["rate_limit"] = lims if n > 1 or self.ch(.2) else lims[0]
            credit = round(cr / self.util()) or 10
            if self.ch(.6):
                api["plan"] = {"credits": self.limit(credit, self.num), "price": Num(fmt(self.log(10, 5000)))}
                if self.ch(.3):
                    api["plan"]["balance"] = self.num(credit * r.uniform(0, .5))
            if self.ch(.25):
                api["overage"] = {"price": Num(fmt(self.log(.1, 20))), "per": r.choice([1, 1000, 10000])}
            if self.ch(.4):
                api["packs"] = []
                for i in range(r.randint(1, 4)):
                    c = max(1, round(cr * self.log(.03, .8)))
                    pk = {"name": f"pack{i}", "credits": self.num(c), "price": Num(f"{self.log(5, 900):.2f}")}
                    if self.ch(.5):
                        pk["max"] = r.choice([0, 1, 2, 3, 10])
                    api["packs"].append(pk)
        fig = self.figures()
        for a, api in doc.get("apis", {}).items():
            if self.ch(.45):
                x = dem("apis", a, "spend") or 100
                api["budget"] = self.limit(x / self.util(), lambda v: Num(fmt(v)))
        for d, db in doc.get("databases", {}).items():
            x = dem("databases", d, "storage") or 1e9
            if self.ch(.75):
                db["storage"] = self.limit(x / self.util(), self.size_)
            if self.ch(.6):
                per = r.choice(["s", "min", "h"])
                sec = {"s": 1, "min": 60, "h": 3600}[per]
                db["writes"] = self.lim_rate((dem("databases", d, "writes") or 1) * sec / self.util(), per)
        for t, tb in doc.get("tables", {}).items():
            if self.ch(.3):
                tb["max_size"] = self.limit((dem("tables", t, "storage") or 1e6) / self.util(), self.size_)
        for q, qu in doc.get("queues", {}).items():
            if qu["broker"] == "kafka" and self.ch(.7):
                pt = oracle.p_throughput(qu.get("partition_throughput", "3MB/s"), 30)
                n = max(1, round((dem("queues", q, "throughput") or 1e6) / pt / self.util()))
                qu["partitions"] = self.limit(n, lambda v: int(round(v)))
            if self.ch(.5):
                qu["storage"] = self.limit((dem("queues", q, "retained") or 1e6) / self.util(), self.size_)
            if self.ch(.5):
                qu["max_depth"] = self.limit(math.ceil((dem("queues", q, "depth") or 1000) / self.util()), self.num)
            if self.ch(.6):
                qu["drain"] = self.dur(max(1, (dem("queues", q, "drain") or 600) / self.util()))
        for n, md in doc.get("models", {}).items():
            if ("price" in md or self.ch(.1)) and self.ch(.7):
                md["budget"] = self.limit((dem("models", n, "spend") or 100) / self.util(), lambda v: Num(fmt(v)))
            us = oracle.Model.model_units(self._m(), n)
            shape = self.shapes[n]
            if shape == "caponly" or self.ch(.6):
                def c():
                    per = r.choice(["s", "min", "min", "h", "day", "10s"])
                    sec = oracle.period(per, 30)[1]
                    return self.lim_rate(float(self.log(.001, 3000) * float(sec)), per)
                if shape in ("table", "caponly", "one-in-table") or self.ch(.4):
                    cap = {u: c() for u in us if shape == "caponly" or self.ch(.7)}
                    if self.ch(.5) or not cap:
                        cap["requests"] = c()
                    md["capacity"] = cap
                else:
                    md["capacity"] = c()
            if self.has_tenants and self.ch(.5):
                q = {}
                for t in (self.tiers if self.ch(.6) else ["all"]):
                    if len(us) > 1:
                        q[t] = {u: self.rate_in(self.log(100, 1e6), "month") for u in us}
                    else:
                        q[t] = self.rate_in(self.log(1, 1000), "day")
                if self.ch(.2) and len(us) == 1:
                    q = "30/month"
                md["tenant_quota"] = q

    # ----- scenarios, policy and the rest
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
                    if self.ch(.8):
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
                for kd in ("storage", "credits", "rate", "spend", "writes", "throughput", "retained", "workers", "depth", "drain"):
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
        if not c:
            return {}
        return dict(r.sample(c, min(len(c), r.randint(1, 3))))


# ------------------------------------------------------------- writing

ROOT_ONLY = ("project", "policy", "rules", "scenarios", "risk", "waivers")


def dump_named(r, sec, name, body):
    """one named thing as text"""
    out = []
    if not isinstance(body, dict) or sec in ("tenants",):
        return f"{k_(name)} = {val(body)}\n"
    subs, aot, inline = [], [], []
    for k, v in body.items():
        if isinstance(v, list) and v and all(isinstance(x, dict) for x in v) and r.random() < .6:
            aot.append((k, v))
        elif isinstance(v, dict) and k in ("endpoints", "workers", "plan", "overage", "tenant_quota", "capacity") and v and r.random() < .4:
            subs.append((k, v))
        elif isinstance(v, dict) and k == "endpoints" and v and r.random() < .5:
            for e, b in v.items():
                inline.append(f"endpoints.{k_(e)} = {val(b)}\n")
        else:
            inline.append(f"{k_(k)} = {val(v)}\n")
    out.append(f"[{sec}.{k_(name)}]\n")
    out += inline
    for k, v in subs:
        if k == "endpoints" and r.random() < .5:
            for e, b in v.items():
                out.append(f"\n[{sec}.{k_(name)}.endpoints.{k_(e)}]\n")
                out += [f"{k_(x)} = {val(y)}\n" for x, y in b.items()]
        else:
            out.append(f"\n[{sec}.{k_(name)}.{k_(k)}]\n")
            out += [f"{k_(x)} = {val(y)}\n" for x, y in v.items()]
    for k, v in aot:
        for x in v:
            out.append(f"\n[[{sec}.{k_(name)}.{k_(k)}]]\n")
            out += [f"{k_(a)} = {val(b)}\n" for a, b in x.items()]
    return "".join(out) + "\n"


def dump_file(r, part):
    out = []
    for sec in ("project", "tenants", "entities"):
        if sec in part:
            out.append(f"[{sec}]\n")
            for k, v in part[sec].items():
                out.append(f"{k_(k)} = {val(v)}\n")
            out.append("\n")
    for sec in ("apis", "features", "databases", "tables", "queues", "models", "scenarios"):
        items = list(part.get(sec, {}).items())
        for n, b in items:
            out.append(dump_named(r, sec, n, b))
    for sec in ("policy", "rules", "risk"):
        if sec in part:
            subs = {}
            out.append(f"[{sec}]\n")
            for k, v in part[sec].items():
                if isinstance(v, dict) and r.random() < .6:
                    subs[k] = v
                else:
                    out.append(f"{k_(k)} = {val(v)}\n")
            for k, v in subs.items():
                out.append(f"\n[{sec}.{k}]\n")
                out += [f"{k_(a)} = {val(b)}\n" for a, b in v.items()]
            out.append("\n")
    for w in part.get("waivers", []):
        out.append("[[waivers]]\n")
        out += [f"{k} = {val(v)}\n" for k, v in w.items()]
        out.append("\n")
    return "".join(out)


def dump(doc):
    return dump_file(random.Random(0), doc)


def write(doc, out, seed):
    r = random.Random(f"files{seed}")
    folders = [""] + r.sample(["features/a", "features/b", "data", "infra/queues", "ml", "team one/x"], r.choice([0, 1, 2, 3, 4]))
    files = {f: {} for f in folders}
    if r.random() < .25:
        pass
    home = r.choice(folders)
    split = r.random() < .15
    for sec, body in doc.items():
        if sec in ROOT_ONLY:
            files[""][sec] = body
            continue
        for n, b in body.items():
            f = r.choice(folders)
            if sec == "tenants" and not split:
                f = home
            files[f].setdefault(sec, {})[n] = b
    for f, part in files.items():
        if not part and (f or "project" not in doc):
            continue
        os.makedirs(os.path.join(out, f), exist_ok=True)
        with open(os.path.join(out, f, "capacity.toml"), "w") as fh:
            fh.write(dump_file(r, part))


def generate(seed, out, certain=False, size=None, edgy=False):
    if size is None:
        size = random.Random(f"size{seed}").choice(["small", "medium", "medium", "large"])
    g = Gen(seed, certain, size, edgy)
    doc = g.build()
    if not doc:
        doc["project"] = {}
    if not os.path.isdir(out):
        os.makedirs(out)
    write(doc, out, seed)
    return doc


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--certain", action="store_true")
    ap.add_argument("--small", action="store_true")
    ap.add_argument("--large", action="store_true")
    ap.add_argument("--edges", action="store_true")
    a = ap.parse_args()
    generate(a.seed, a.out, a.certain, "small" if a.small else "large" if a.large else None, a.edges)


if __name__ == "__main__":
    main()
