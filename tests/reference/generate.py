#!/usr/bin/env python3
"""Random valid capacity.toml projects.

    python3 generate.py --seed N --out DIR [--certain] [--small|--large] [--edges] [--without KEY,...]
"""
import argparse, datetime, os, random, tomllib
from decimal import Decimal

import oracle
from declared import Declared
from judging import Judging
from spelling import Spelling
from toml_out import Num, dump, dump_file, fmt, write

# What --without (or the environment's WITHOUT) leaves out of projects.
KEYS = """each growth peak_day keys reads spread spellings none limits counts endpoints exclusive per largest
by-tier concurrent model-limits overage-steps price-steps step min_units credits_per_step prices costs budgets
retention_bytes compact throughput set lasts""".split()


class Gen(Spelling, Declared, Judging):
    def __init__(self, seed, certain, size, edgy=False, without=()):
        unknown = set(without) - set(KEYS)
        assert not unknown, f"--without {unknown}: only {KEYS}"
        self.without = set(without)
        self.eachmax = 6
        self.edgy = edgy
        self.r = random.Random(f"capgen{seed}")
        self.certain = certain
        self.size = size
        self.doc = {}
        self.p_unknown = self.r.choice([0, 0, 0, 0.004, 0.02])
        self.p_est = 0 if certain else self.r.choice([0.1, 0.3, 0.5])
        self.spreadmax = 1.8

    # ----- primitives
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
        if self.has("growth", .2):
            period, most = self.r.choice([("month", .3), ("week", .06), ("day", .01), ("year", 2), ("h", .0004), ("30d", .25)])
            g = self.r.uniform(-most / 2, most)
            return {"now": self.est(x, self.num), "growth": f"{'-' if g < 0 else ''}{fmt(abs(g) * 100)}%/{period}"}
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
            if self.has("peak_day", .3):
                p["peak_day"] = r.choice([1, 2, Num("1.5"), 7])
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
                    if self.has("step", .5):
                        ep["step"] = r.choice([1, 5, 30, Num("0.5"), Num("2.5"), 100])
                        if self.has("credits_per_step", .4):
                            del ep["credits_per_item"]
                            ep["credits_per_step"] = self.est(self.log(.5, 30), self.num)
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
                t["row_size"] = self.each(self.log(40, 4000), self.size_)
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
                        t["retention"] = r.choice(["forever", "30d", "90d", "1y", "36h", "2w", "3mo", "400d", "7d", "12h", "1s"])
                        if t["retention"] == "forever":
                            t["reason"] = "asked for by the auditors"
                    if self.ch(.5):
                        t["partition"] = r.choice(["day", "week", "month", "year", "36h", "10d", "1d12h"])
                        if self.ch(.5):
                            t["expire"] = r.choice(["drop", "detach", "delete"])
                    elif "retention" in t and self.ch(.2):
                        t["expire"] = "delete"
                    if self.ch(.35):
                        t["compress"] = {"after": r.choice(["7d", "1d", "36h", "30d", "6h", "120d", "2s"]), "ratio": self.ratio(r.uniform(.05, .9))}
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
            q = {"broker": b, "message_size": self.each(self.log(100, 200000), self.size_)}
            if self.ch(.2) and (b == "kafka" or b.startswith("sqs")):
                q["max_message"] = r.choice(["1MB", "256KB", "1MiB"])
            if b == "kafka" and self.has("compact", .2):
                q["compact"] = {"keys": self.est(self.log(1, 1e5), self.num)}
                per = self.pick_per()
                if per != "tenant" or self.ch(.3):
                    q["compact"]["per"] = per
            elif self.ch(.6) and b in ("kafka", "sqs"):
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
            if self.has("step", .3):
                md["step"] = r.choice([1, 60, 100, Num("0.25")])
            if self.has("min_units", .3):
                md["min_units"] = r.choice([1, 10, Num("2.5"), 500])
            units = oracle.Model.model_units(self._m({"models": ms}), list(ms)[-1])
            for k in ("step", "min_units"):
                if k in md and len(units) > 1 and self.ch(.5):
                    md[k] = {u: r.choice([1, 7, 250]) for u in r.sample(units, r.randint(1, len(units)))}
            if self.has("limits", .5):
                md["duration"] = self.each(self.log(.05, 90), self.short)
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
        if self.doc.get("tables") and "reads" not in self.without:
            lists += ["reads"] * 2
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
            elif lst == "reads":
                ln["table"] = did = r.choice(list(self.doc["tables"]))
            elif lst == "messages":
                ln["queue"] = did = r.choice(list(self.doc["queues"]))
            else:
                ln["model"] = did = r.choice(list(self.doc["models"]))
            # Reads and writes have ids of their own, each.
            scope = lst if lst in ("reads", "writes") else None
            if (scope, did) in ids or self.ch(.4):
                ln["id"] = did = f"{lst[:4]}-{j}"
            if (scope, did) in ids:
                continue
            ids.add((scope, did))
            after = parents and self.ch(.45)
            if after:
                ln["after"] = r.choice(parents[-3:])
                if self.ch(.6):
                    ln["fanout"] = self.each(self.log(.1, 8), self.num)
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
                    if self.has("peak_day", .25) and ln["rate"] != "unknown":
                        ln["peak_day"] = r.choice([1, 2, Num("1.25"), 7])
                    if self.has("spread", .2) and ln["rate"] != "unknown":
                        ln["spread"] = self.dur(self.log(1, 1e5))
                if self.has_tenants and per != "project" and self.ch(.2):
                    ln["tenants"] = r.sample(tiers, r.randint(1, len(tiers)))
                if self.ch(.3):
                    ln["measured"] = datetime.date(2026, r.randint(6, 11), r.randint(1, 20))
            if lst in ("calls", "reads", "inference") and self.ch(.45):
                ln["cache"] = self.cache()
            if lst == "calls" and self.ch(.35):
                ln["items"] = self.each(self.log(1, 100), self.num, .4)
            if lst in ("writes", "reads") and self.ch(.5):
                ln["rows"] = self.each(self.log(.2, 40), self.num)
            if lst == "messages":
                if self.ch(.4):
                    ln["count"] = self.each(self.log(.3, 12), self.num)
                if self.ch(.4):
                    ln["size"] = self.each(self.log(100, 90000), self.size_)
            if lst == "inference":
                us = oracle.Model.model_units(self._m(), ln["model"])
                if len(us) == 1:
                    ln["units"] = self.each(self.log(.5, 4000), self.num, .4)
                else:
                    ln["units"] = {u: self.each(self.log(10, 5000), self.num, .4) for u in us}
            if self.ch(.05):
                ln["allow"] = ["burst-undeclared"]
                ln["reason"] = "smoothed by the gateway"
            ft.setdefault(lst, []).append(ln)
            if lst in oracle.FOLLOWED:
                parents.append(did)
        for lst in oracle.LISTS:
            if lst in ft:
                r.shuffle(ft[lst])
        return ft

    def plain(self, v):
        return float(v.replace("_", "")) if isinstance(v, Num) else v

    def _m(self, doc=None):
        o = object.__new__(oracle.Model)
        o.doc = doc or self.doc
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
        else:
            if self.ch(.3):
                c["scope"] = "tenant"
            if self.has("keys", .4):
                c["keys"] = self.est(self.log(.5, 200), self.num)
        return c

    # ----- limits aimed at what the oracle says
    def plain_doc(self):
        """the document as tomllib would give it"""
        return tomllib.loads(dump(self.doc), parse_float=Decimal)

    def figures(self):
        case = oracle.Case(oracle.Model(self.plain_doc()), oracle.World(0))
        return {x.id: {"kind": x.kind, "demand": {"point": oracle.fin(x.demand().v)}} for x in case.meters()}
def generate(seed, out, certain=False, size=None, edgy=False, without=()):
    if size is None:
        size = random.Random(f"size{seed}").choice(["small", "medium", "medium", "large"])
    g = Gen(seed, certain, size, edgy, without)
    doc = g.build()
    if not doc:
        doc["project"] = {}
    if not os.path.isdir(out):
        os.makedirs(out)
    write(doc, out, seed)
    return doc


def listed(text):
    return [x for x in text.split(",") if x]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--certain", action="store_true")
    ap.add_argument("--small", action="store_true")
    ap.add_argument("--large", action="store_true")
    ap.add_argument("--edges", action="store_true")
    ap.add_argument("--without", default=os.environ.get("WITHOUT", ""), help=f"keys to leave out: {', '.join(KEYS)}")
    a = ap.parse_args()
    generate(a.seed, a.out, a.certain, "small" if a.small else "large" if a.large else None, a.edges, listed(a.without))


if __name__ == "__main__":
    main()
