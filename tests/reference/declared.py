"""Workers, limits, plans and prices aimed at what the oracle says of the demand."""
import math

import oracle
from toml_out import Num, dump, fmt


class Declared:
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

    def lim_rate(self, x, per, none=True):
        return self.limit(x, lambda v: self.rate_in(v, per), none=none)

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
                lims, listed = [], n > 1 or self.ch(.2)
                quarter = "15m" if "spellings" in self.without else r.choice(["15m", "15min"])
                for w in r.sample(["s", "min", "h", "day", "week", "month", quarter, "10s", "2h"], n):
                    sp = r.choice(self.PER[w]) if w in self.PER else w
                    sec = {"s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800, "month": 2592000, "15m": 900, "10s": 10, "2h": 7200,
                           "15min": 900}[w]
                    lims.append(self.lim_rate(max(per_s * sec / self.util(), 1e-3), sp, not listed))
                api["rate_limit"] = lims if listed else lims[0]
            credit = round(cr / self.util()) or 10
            if self.ch(.6):
                api["plan"] = {"credits": self.limit(credit, self.num, none=False), "price": Num(fmt(self.log(10, 5000)))}
                if self.ch(.3):
                    api["plan"]["balance"] = self.num(credit * r.uniform(0, .5))
            if self.ch(.25):
                api["overage"] = {"price": Num(fmt(self.log(.1, 20))), "per": r.choice([1, 1000, 10000])}
                if self.has("overage-steps", .5):
                    per = r.choice([1, 1000])
                    api["overage"] = [{**x, "per": per} for x in self.price_steps(cr, .1, 20)]
            if self.ch(.4):
                api["packs"] = []
                for i in range(r.randint(1, 4)):
                    c = max(1, round(cr * self.log(.03, .8)))
                    pk = {"name": f"pack{i}", "credits": self.num(c), "price": Num(f"{self.log(5, 900):.2f}")}
                    if self.ch(.5):
                        pk["max"] = r.choice([0, 1, 2, 3, 10])
                    api["packs"].append(pk)
        self.price_models()
        self.kept_by_kafka()
        self.entries()
        self.stored_at_a_price()
        fig = self.figures()
        for a, api in doc.get("apis", {}).items():
            if self.ch(.45):
                x = dem("apis", a, "spend") or 100
                api["budget"] = self.limit(x / self.util(), self.money)
        for d, db in doc.get("databases", {}).items():
            x = dem("databases", d, "storage") or 1e9
            if self.ch(.75):
                db["storage"] = self.limit(x / self.util(), self.size_)
            if self.ch(.6):
                per = r.choice(["s", "min", "h"])
                sec = {"s": 1, "min": 60, "h": 3600}[per]
                db["writes"] = self.lim_rate((dem("databases", d, "writes") or 1) * sec / self.util(), per)
            if self.has("reads", .5):
                db["reads"] = self.lim_rate((dem("databases", d, "reads") or 1) * 60 / self.util(), "min")
            if "price" in db and self.ch(.6):
                db["budget"] = self.limit((dem("databases", d, "spend") or 3) / self.util(), self.money)
        for t, tb in doc.get("tables", {}).items():
            if self.ch(.3):
                tb["max_size"] = self.limit((dem("tables", t, "storage") or 1e6) / self.util(), self.size_)
        for q, qu in doc.get("queues", {}).items():
            if qu["broker"] == "kafka" and "partitions" not in qu and self.ch(.7):
                pt = oracle.p_throughput(qu.get("partition_throughput", "3MB/s"), 30)
                n = max(1, round((dem("queues", q, "throughput") or 1e6) / pt / self.util()))
                qu["partitions"] = self.limit(n, lambda v: int(round(v)), none=False)
            if self.has("throughput", .3):
                qu["throughput"] = self.limit((dem("queues", q, "throughput") or 1e6) / self.util(), lambda v: f"{self.size_text(v)}/s")
            if "price" in qu and self.ch(.6):
                qu["budget"] = self.limit((dem("queues", q, "spend") or 3) / self.util(), self.money)
            if self.ch(.5):
                qu["storage"] = self.limit((dem("queues", q, "retained") or 1e6) / self.util(), self.size_)
            if self.ch(.5):
                qu["max_depth"] = self.limit(math.ceil((dem("queues", q, "depth") or 1000) / self.util()), self.num, none=qu["broker"] in ("kafka", "sqs", "sqs-fifo"))
            if self.ch(.6):
                qu["drain"] = self.dur(max(1, (dem("queues", q, "drain") or 600) / self.util()))
        for n, md in doc.get("models", {}).items():
            if ("price" in md or self.ch(.1)) and self.ch(.7):
                md["budget"] = self.limit((dem("models", n, "spend") or 100) / self.util(), self.money, none=False)
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
        self.together()

    def money(self, v):
        return Num(fmt(v))

    def size_text(self, v):
        return f"{fmt(v / 1000)}KB"

    def price_steps(self, month, low, high):
        """graduated prices with steps about a month's use"""
        steps, up_to = [], 0
        for _ in range(self.r.randint(1, 3)):
            up_to += max(1, float(fmt(month * self.log(.05, .8))))
            price = Num("0.00") if not steps and self.ch(.5) else Num(fmt(self.log(low, high)))
            steps.append({"up_to": Num(f"{up_to:.0f}"), "price": price})
        return steps + [{"price": Num(fmt(self.log(low, high)))}]

    def price_models(self):
        if "price-steps" in self.without:
            return
        m = oracle.Model(self.plain_doc())
        for n, md in self.doc.get("models", {}).items():
            units = oracle.Ev(m, oracle.World(0)).model_units(n)
            price = md.get("price")
            for u in m.prices(n):
                if self.ch(.35):
                    steps = self.price_steps(units[u].v or 1000, .001, 20)
                    if isinstance(price, dict):
                        price[u] = steps
                    else:
                        md["price"] = steps

    def kept_by_kafka(self):
        fig = self.figures()
        for q, qu in self.doc.get("queues", {}).items():
            if qu["broker"] == "kafka" and "compact" not in qu and self.has("retention_bytes", .35):
                parts = qu["partitions"] = self.limit(self.r.choice([1, 3, 12, 200]), lambda v: int(round(v)), none=False)
                kept = fig.get(oracle.path("queues", q, "retained"), {"demand": {"point": None}})["demand"]["point"] or 1e8
                qu["retention_bytes"] = self.size_(kept / (parts["now"] if isinstance(parts, dict) else parts) * self.log(.1, 10))

    def stored_at_a_price(self):
        for section, per in (("databases", "GB"), ("queues", "GiB")):
            for thing in self.doc.get(section, {}).values():
                if self.has("prices", .35):
                    thing["price"] = {"per": self.r.choice(["1" + per, "10" + per, "500MB"]), "month": Num(fmt(self.log(.01, 5)))}

    # ----- entries of `limits`
    def entries(self):
        if "limits" in self.without:
            return
        added = []
        for a, api in self.doc.get("apis", {}).items():
            for i in range(self.r.choice([0, 0, 1, 1, 2, 3])):
                x = self.entry(i)
                names = list(api["endpoints"])
                if self.has("endpoints", .45):
                    x["endpoints"] = [self.wildcard(e) for e in self.r.sample(names, self.r.randint(1, min(2, len(names))))]
                    if self.has("exclusive", .5):
                        x["exclusive"] = True
                if "rate" in x and self.has("counts", .5):
                    x["counts"] = self.r.choice(["credits", "credits", "calls"])
                if "concurrent" in x:
                    for e in api["endpoints"].values():
                        e.setdefault("duration", self.each(self.log(.05, 90), self.short))
                api.setdefault("limits", []).append(x)
                added.append((("apis", a), x))
        for n, md in self.doc.get("models", {}).items():
            if "duration" not in md or "model-limits" in self.without:
                continue
            units = oracle.Model.model_units(self._m(), n) + ["requests"]
            for i in range(self.r.choice([0, 1, 2])):
                x = self.entry(i)
                if "rate" in x and self.has("counts", .7):
                    names = self.r.sample(units, self.r.randint(1, len(units)))
                    x["counts"] = names[0] if len(names) == 1 and self.ch(.5) else names
                md.setdefault("limits", []).append(x)
                added.append((("models", n), x))
        fig = self.figures()
        for thing, x in added:
            kind = "rate" if "rate" in x else "concurrency"
            demand = fig[oracle.path(*thing, kind, x["id"])]["demand"]["point"] or self.log(.1, 100)
            if kind == "rate":
                period = x["rate"].split("/")[1]
                value = lambda none=True: self.lim_rate(demand / self.util(), period, none)
            else:
                value = lambda none=True: self.limit(max(1, math.ceil(demand / self.util())), self.num, none=none)
            tiers = self.tiers_of(x)
            if tiers and self.has("by-tier", .5):
                chosen = self.r.sample(tiers, self.r.randint(1, len(tiers)))
                x[list(x)[1]] = {t: value() for t in chosen}
            else:
                x[list(x)[1]] = value()

    def entry(self, i):
        x = {"id": self.r.choice([f"lim{i}", f"lim-{i}", f"l.{i}"])}
        if self.has("concurrent", .35):
            x["concurrent"] = 1
        else:
            odd = [] if "spellings" in self.without else ["15min", "90sec"]
            x["rate"] = "1/" + self.r.choice(["s", "min", "h", "day", "week", "month", "15m", "10s", "2h", *odd])
        whose = ["tenant", "tenant"] * self.has_tenants + self.pers
        if whose and self.has("per", .45):
            x["per"] = self.r.choice(whose)
            if self.has("largest", .4):
                x["largest"] = self.r.choice([1, 5, Num("2.5"), 100])
        return x

    def tiers_of(self, x):
        return self.tiers if "per" in x and x["per"] not in self.counted else []

    def wildcard(self, endpoint):
        return self.r.choice([endpoint, endpoint, endpoint[:2] + "*", "*" + endpoint[-2:], "*", endpoint[0] + "*" + endpoint[-1]])

    # ----- costs and budgets
    def together(self):
        r, doc = self.r, self.doc
        if self.has("costs", .35):
            doc["costs"] = {self.name("cost", i): {"price": Num(f"{self.log(1, 900):.2f}")} for i in range(r.randint(1, 3))}
        if not self.has("budgets", .5):
            return
        fig = self.figures()
        paths = [oracle.path(s, n) for s in ("apis", "models", "databases", "queues", "costs") for n in doc.get(s, {})]
        budgets = {}
        for i in range(r.choice([0, 1, 2])):
            if paths:
                some = r.sample(paths, r.randint(1, min(3, len(paths))))
                of = [r.choice([x, x.split(".")[0] + ".*", x if x.endswith('"') else x[:-1] + "*"]) for x in some]
                if self.ch(.2):
                    of.append("*")
                parts = [f["demand"]["point"] or 0 for p, f in fig.items() if f["kind"] == "spend"]
                budgets[self.name("budget", i)] = {"of": of, "budget": self.limit((sum(parts) or 50) / self.util(), self.money)}
        if self.ch(.6) and any(f["kind"] == "spend" for f in fig.values()):
            total = fig["budgets.total.spend"]["demand"]["point"]
            budgets["total"] = {"budget": self.limit((total or 50) / self.util(), self.money)}
        if budgets:
            doc["budgets"] = budgets

