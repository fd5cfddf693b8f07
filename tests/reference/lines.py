"""One evaluation of the model: populations, and what its lines ask for."""
import math

import numpy as np

from amounts import billed
from model import path, path_join
from reading import is_map, num, p_count, p_duration, p_ratio, p_size
from values import DAY, V, isarr, orr, raw_div, raw_max, raw_min, vdiv, vmax, vmin


class Scen:
    def __init__(self, name, raw, model):
        self.name = name
        self.raw = raw
        self.require = raw.get("require", "warn")
        self.mult = raw.get("tenants", 1)
        self.rates = {k: num(v) for k, v in raw.get("rates", {}).items()}
        self.payload = num(raw.get("payload", 1))
        self.event = "on" in raw
        self.lasts = p_duration(raw["lasts"]) / DAY if self.event and "lasts" in raw else None


class R_:
    """evaluated line"""


class Ev:
    """One evaluation of the model: at a day (or an array of days), with a
    multiplier k, or in a scenario."""

    def __init__(self, m, world, day=0, k=1.0, scen=None):
        self.m, self.w, self.day, self.k, self.scen = m, world, day, k, scen
        self.memo = {}
        self.payload = scen.payload if scen else 1.0

    # --- populations
    def at(self, projection):
        """on the day(s): linear between the points, flat after the last; or grown"""
        day = 0 if self.scen is not None else self.day
        pts = projection.points
        if projection.growth:
            g, p = projection.growth
            return self.w.get(pts[0][1]) * V((1.0 + g) ** (day / p))
        if len(pts) == 1:
            return self.w.get(pts[0][1])
        tot = V(0.0)
        ds = [d for d, _ in pts]
        arr = isarr(day)
        for i, (d, e) in enumerate(pts):
            if arr:
                wt = np.zeros(day.shape)
                if i > 0:
                    m_ = (day > ds[i - 1]) & (day <= d)
                    wt[m_] = (day[m_] - ds[i - 1]) / (d - ds[i - 1])
                wt[day == d] = 1.0
                if i + 1 < len(ds):
                    m_ = (day > d) & (day < ds[i + 1])
                    wt[m_] = (ds[i + 1] - day[m_]) / (ds[i + 1] - d)
                else:
                    wt[day >= d] = 1.0
                x = self.w.get(e)
                tot = V(tot.v + wt * x.v, orr(tot.lb, (wt > 0) if x.lb else False))
            else:
                if day == d:
                    wt = 1.0
                elif i > 0 and ds[i - 1] < day < d:
                    wt = (day - ds[i - 1]) / (d - ds[i - 1])
                elif i + 1 < len(ds) and d < day < ds[i + 1]:
                    wt = (ds[i + 1] - day) / (ds[i + 1] - d)
                elif i + 1 == len(ds) and day > d:
                    wt = 1.0
                else:
                    continue
                tot = tot + self.w.get(e) * wt
        return tot

    def memoize(self, k, f):
        if k not in self.memo:
            self.memo[k] = f()
        return self.memo[k]

    def now(self, t):
        return self.w.get(self.m.tiers[t].now)

    def n(self, t):
        def f():
            if self.scen is not None:
                mu = self.scen.mult
                mu = num(mu.get(t, 1)) if isinstance(mu, dict) else num(mu)
                return self.now(t) * mu
            return self.at(self.m.tiers[t]) * self.k
        return self.memoize(("n", t), f)

    def total(self):
        def f():
            s = V(0.0)
            for t in self.m.tiers:
                s = s + self.n(t)
            return s
        return self.memoize("total", f)

    def count(self, name):
        _, pts, fixed = self.m.entities[name]
        if self.scen is not None:
            c = self.w.get(pts.now)
            if fixed:
                return c
            mu = self.scen.mult
            if not isinstance(mu, dict):
                return c * num(mu)
            before = V(0.0)
            for t in self.m.tiers:
                before = before + self.now(t)
            return c * vdiv(self.total(), before, 1.0)
        c = self.at(pts)
        return c if fixed else c * self.k

    def adoption(self, ln, t):
        feat = self.m.doc["features"][ln.feature]
        if "active" in feat:
            s = V(0.0)
            for u in ln.feature_tiers:
                s = s + self.now(u)
            a = vdiv(self.est(path("features", ln.feature, "active"), feat["active"], p_count), s, 0.0)
            return vmin(a, 1.0)
        if "adoption" in feat:
            e = self.m.per_tier(path("features", ln.feature, "adoption"), feat["adoption"], p_ratio, 1.0)(t)
            return self.w.get(e, clamp=1.0)
        return V(1.0)

    def population(self, per, tiers, adoption):
        """P of what `per` counts, over `tiers`, with adoption(t)"""
        if per == "project":
            return V(1.0)
        if per == "tenant":
            s = V(0.0)
            for t in tiers:
                s = s + self.n(t) * adoption(t)
            return s
        kind, what, _ = self.m.entities[per]
        if kind == "per_tenant":
            s = V(0.0)
            for t in tiers:
                s = s + self.n(t) * adoption(t) * self.w.get(what(t))
            return s
        s = V(0.0)
        for t in tiers:
            s = s + self.n(t) * adoption(t)
        share = vdiv(s, self.total(), 1.0)
        return self.count(per) * share

    # --- lines
    def est(self, p, raw, parse, clamp=None):
        return self.w.get(self.m.var(p, raw, parse), clamp)

    def workers(self, q):
        """C as V; None without max and rate; 'unknown' when the rate is"""
        wk = self.m.doc["queues"][q].get("workers", {})
        if "max" not in wk or "rate" not in wk:
            return None
        e = self.m.var(path("queues", q) + ".workers.rate", wk["rate"], self.m.rate)
        if e.unknown:
            return "unknown"
        r = self.w.get(e)
        return r * (num(wk["max"]) / DAY)

    def line(self, ln):
        return self.memoize(ln.path, lambda: self.eval_line(ln))

    def eval_line(self, ln):
        raw, r = ln.raw, R_()
        m = self.m
        if "after" in raw:
            par = self.line(m.parent(ln))
            fan = r.fan = self.est(ln.path + ".fanout", raw.get("fanout", 1), p_count)
            r.P, r.batch, r.p, r.spread, r.peak, r.peak_day = par.P, par.batch, par.p, par.spread, par.peak, par.peak_day
            r.O = par.took * fan
            cands = []
            if par.L is not None:
                cands.append(par.L * par.took_ratio * fan)
            if par.ln.list == "messages":
                C = self.workers(par.ln.target)
                if C is not None and C != "unknown":
                    cands.append(C * fan)
            r.L = None
            for c in cands:
                r.L = c if r.L is None else vmin(r.L, c)
        else:
            r.P = self.population(raw.get("per", "tenant"), ln.tiers, lambda t: self.adoption(ln, t))
            e = m.var(ln.path + ".rate", raw["rate"], m.rate)
            r.rate = self.w.get(e)
            if self.scen is not None:
                r.rate = r.rate * self.scen.rates.get(ln.feature, 1.0)
            r.O = r.P * r.rate
            r.batch = e.every
            r.p = vdiv(DAY, self.w.get(e)) if e.every else None
            r.spread = p_duration(raw["spread"]) if "spread" in raw else None
            r.peak = num(raw.get("peak", m.peak))
            r.peak_day = num(raw.get("peak_day", m.peak_day))
            r.L = None
        r.ln = ln
        if ln.list in ("calls", "inference"):
            r.took_ratio = 1.0 - self.hit(ln, r)
            r.took = r.O * r.took_ratio
            r.q = r.took_ratio * (1.0 + self.retries(ln))   # billed per occurrence
            r.billed = r.O * r.q
        elif ln.list == "messages":
            r.q = self.est(ln.path + ".count", raw.get("count", 1), p_count)
            r.took_ratio = r.q
            r.took = r.O * r.q
        else:
            rows = self.est(ln.path + ".rows", raw.get("rows", 1), p_count)
            r.took_ratio = 1.0 - self.hit(ln, r) if ln.list == "reads" else V(1.0)
            r.took = r.O * r.took_ratio
            r.q = r.took_ratio * rows
        return r

    def retries(self, ln):
        section, name = ("apis", ln.api) if ln.list == "calls" else ("models", ln.target)
        return self.est(path(section, name) + ".retry_ratio", self.m.doc[section][name].get("retry_ratio", 0), p_ratio)

    def hit(self, ln, r):
        c = ln.raw.get("cache", False)
        if c is False:
            return V(0.0)
        if "hit_ratio" in c:
            return self.est(ln.path + ".cache.hit_ratio", c["hit_ratio"], p_ratio, 1.0)
        if "ttl" not in c:
            return V(0.0)
        T = p_duration(c["ttl"])
        scope = c.get("scope", "tenant")
        keys = self.est(ln.path + ".cache.keys", c["keys"], p_count) if "keys" in c else V(1.0)
        if r.batch and scope == "tenant":
            p = r.p
            if "keys" in c:
                # The period of one key: keys · P are asked for, S in each batch.
                S = r.O * r.p * (1 / DAY)
                p = p * vmax(vdiv(keys * r.P, S, 1.0), 1.0)
            q = raw_div(T, p.v, 0.0) - 1e-9
            n = np.maximum(1, np.ceil(q)) if isarr(q) else max(1, math.ceil(q))
            return V(1 - 1 / n, p.lb)
        lam = vdiv(r.O, keys * (r.P if scope == "tenant" else 1.0) * DAY)
        lt = lam.v * T
        return V(lt / (1 + lt), lam.lb)

    def window(self, r, q, W, O=None):
        """the most that comes in W seconds of a quantity with q per occurrence; with O, of so many
        occurrences a day of one member, whose batch is whole in every window without a spread"""
        W = W if isinstance(W, V) else V(W)
        x = (r.O if O is None else O) * q
        w = W.v
        if not r.batch:
            day = 7 * DAY / np.where(w > 0, w, 1.0) if isarr(w) else 7 * DAY / w if w > 0 else 1.0
            f = np.where(w < DAY, max(r.peak, r.peak_day), np.maximum(1.0, np.minimum(r.peak_day, day)))
            v = x * V(w / DAY * (f if isarr(w) else float(f)), W.lb)
        else:
            p = r.p.v
            X = x * r.p * (1 / DAY)
            if r.spread is None and O is not None:
                part = 1.0
            else:
                part = raw_min(1.0, w / (p if r.spread is None else r.spread))
            v = X * V(raw_max(part, w / p), W.lb)
        if r.L is not None:
            v = vmin(v, V((r.L * q * W).v))
        return v

    def member_occurrences(self, ln, members):
        """a day, where the line with a rate that this one comes from has so many members"""
        parent = self.m.parent(ln)
        if parent is None:
            return members * self.line(ln).rate
        return self.member_occurrences(parent, members) * self.line(parent).took_ratio * self.line(ln).fan

    # quantities per occurrence
    def credits_per_call(self, ln):
        return self.memoize(("credits", ln.path), lambda: self.eval_credits(ln))

    def eval_credits(self, ln):
        ep = self.m.doc["apis"][ln.api].get("endpoints", {}).get(ln.endpoint, {})
        b = path("apis", ln.api, "endpoints", ln.endpoint)
        a = self.est(b + ".credits", ep.get("credits", 0), p_count)
        floor = num(ep.get("min_credits", 0))
        by_step = "credits_per_step" in ep
        name = "credits_per_step" if by_step else "credits_per_item"
        if name not in ep:
            return vmax(a, floor)
        each = self.est(f"{b}.{name}", ep[name], p_count)
        items = self.m.var(ln.path + ".items", ln.raw.get("items", 1), p_count)
        step = num(ep["step"]) if "step" in ep else None
        return billed(None if items.each else self.w.get(items), items.each, step, floor, a, each, by_step)

    def credits(self, ln):
        r = self.line(ln)
        return r.billed * self.credits_per_call(ln)

    def unit(self, ln, u):
        """the estimate of a unit of a run"""
        raw = ln.raw["units"]
        if is_map(raw):
            return self.m.var(path_join(ln.path + ".units", u), raw[u], p_count)
        return self.m.var(ln.path + ".units", raw, p_count)

    def units(self, ln):
        """unit -> units per run (requests aside), as used"""
        return {u: self.w.get(self.unit(ln, u)) * self.payload for u in self.m.model_units(ln.target)}

    def billed_units(self, ln):
        """unit -> units per run (requests aside), as billed"""
        return self.memoize(("billed", ln.path), lambda: {u: self.eval_billed(ln, u) for u in self.m.model_units(ln.target)})

    def eval_billed(self, ln, u):
        md = self.m.doc["models"][ln.target]

        def of(name):
            x = md.get(name)
            x = x.get(u) if isinstance(x, dict) else x
            return None if x is None else num(x)
        e = self.unit(ln, u)
        each = e.each.scaled(self.payload) if e.each and self.payload > 0 else None
        amount = None if each else self.w.get(e) * self.payload
        return billed(amount, each, of("step"), of("min_units") or 0.0, V(0.0), V(1.0), False)

    def model_units(self, n):
        """unit -> billed units a month of a model"""
        total = {u: V(0.0) for u in [*self.m.model_units(n), "requests"]}
        for ln in self.lines_to("inference", n):
            runs = self.line(ln).billed * self.m.dpm
            total["requests"] = total["requests"] + runs
            for u, x in self.billed_units(ln).items():
                total[u] = total[u] + runs * x
        return total

    def msg_size(self, ln):
        if "size" in ln.raw:
            return self.est(ln.path + ".size", ln.raw["size"], p_size) * self.payload
        return self.queue_size(ln.target)

    def queue_size(self, q):
        return self.est(path("queues", q) + ".message_size", self.m.doc["queues"][q]["message_size"], p_size) * self.payload

    def lines_to(self, lst, target):
        return [l for l in self.m.lines.values() if l.list == lst and l.target == target]

    def api_lines(self, a):
        return [l for l in self.m.lines.values() if l.list == "calls" and l.api == a]

    # --- queues
    def mean_messages(self, q, steady_only=False):
        """per second"""
        s = V(0.0)
        for l in self.lines_to("messages", q):
            r = self.line(l)
            if steady_only and r.batch:
                continue
            s = s + r.took * (1 / DAY)
        return s

    def mean_bytes(self, q):
        s = V(0.0)
        for l in self.lines_to("messages", q):
            s = s + self.line(l).took * self.msg_size(l) * (1 / DAY)
        return s

    # --- rows per day of a table
    def rows(self, t):
        def f():
            tb = self.m.doc["tables"][t]
            if tb["kind"] == "rollup":
                return self.rows(tb["from"]) * self.est(path("tables", t) + ".ratio", tb["ratio"], p_ratio)
            s = V(0.0)
            for l in self.lines_to("writes", t):
                r = self.line(l)
                s = s + r.O * r.q
            return s
        return self.memoize(("rows", t), f)

    def everywhere(self, raw):
        """P of what `raw` is per, of all tiers"""
        return self.population(raw.get("per", "tenant"), list(self.m.tiers), lambda _t: V(1.0))

    def state_rows(self, t):
        tb = self.m.doc["tables"][t]
        return self.est(path("tables", t) + ".rows", tb.get("rows", 0), p_count) * self.everywhere(tb)

    def compacted(self, q):
        """messages that a compacted topic keeps"""
        c = self.m.doc["queues"][q]["compact"]
        return self.est(path("queues", q) + ".compact.keys", c["keys"], p_count) * self.everywhere(c)

    def row_size(self, t):
        return self.est(path("tables", t) + ".row_size", self.m.doc["tables"][t]["row_size"], p_size) * self.payload
