"""Limits of APIs and models: what they count, of which endpoints, and for whom."""
import re

from model import path
from reading import is_map, limit_of, num, p_duration
from values import V, raw_max, raw_min


def matches(pattern, name):
    return re.fullmatch(".*".join(re.escape(x) for x in pattern.split("*")), name, re.S) is not None


class Limit:
    """One entry of `limits`, or one window of `rate_limit`."""

    def __init__(self, m, raw, id=None):
        self.raw = raw
        self.is_concurrent = "concurrent" in raw
        self.value = raw["concurrent"] if self.is_concurrent else raw["rate"]
        self.per = raw.get("per")
        self.counts = raw.get("counts")
        self.endpoints = raw.get("endpoints")
        self.exclusive = raw.get("exclusive", False)
        self.largest = num(raw.get("largest", 1))
        self.by_tier = is_map(self.value) and "now" not in self.value
        self.parse = num if self.is_concurrent else m.rate
        self.rate = None
        for one in self.value.values() if self.by_tier else [self.value]:
            now = limit_of(one, "now", self.parse)
            if now is not None and not self.is_concurrent:
                self.rate = now
        self.is_none = all(x == "none" for x in self.value.values()) if self.by_tier else self.value == "none"
        self.id = id or raw.get("id") or (self.rate and self.rate.window)

    def limit(self, mode, tier=None):
        """None where there is none, for this tier"""
        raw = self.value.get(tier) if self.by_tier else self.value
        x = limit_of(raw, mode, self.parse)
        return x if x is None or self.is_concurrent else x.n

    def names(self, endpoint):
        return self.endpoints is not None and any(e == endpoint and "*" not in e for e in self.endpoints)

    def matches(self, endpoint):
        return self.endpoints is None or any(matches(e, endpoint) for e in self.endpoints)

    def covers(self, endpoint, all_):
        """whether it counts an endpoint, beside all limits of the API"""
        if not self.matches(endpoint):
            return False
        rivals = [x for x in all_ if x.exclusive and x.is_concurrent == self.is_concurrent and x.matches(endpoint)]
        if not rivals or self.names(endpoint):
            return True
        return self.exclusive and not any(x.names(endpoint) for x in rivals)


def api_limits(m, a):
    api = m.doc["apis"][a]
    rl = api.get("rate_limit")
    windows = [x for x in (rl if isinstance(rl, list) else [rl]) if x is not None]
    return [Limit(m, {"rate": x}) for x in windows] + [Limit(m, x) for x in api.get("limits", [])]


def model_limits(m, n):
    return [Limit(m, x) for x in m.doc["models"][n].get("limits", [])]


class Limits:
    """The part of a Case about those."""

    def api_meters(self, a, add):
        m, ev = self.m, self.ev
        lines = ev.api_lines(a)
        limits = api_limits(m, a)
        for limit in limits:
            if limit.is_none:
                continue
            counted = [l for l in lines if limit.covers(l.endpoint, limits)]

            def quantity(e, l, limit=limit):
                q = e.line(l).q
                return q * e.credits_per_call(l) if limit.counts == "credits" else q

            def duration(e, l):
                b = path("apis", l.api, "endpoints", l.endpoint) + ".duration"
                return e.est(b, m.doc["apis"][l.api]["endpoints"][l.endpoint]["duration"], p_duration)
            self.limit_meter(("apis", a), limit, counted, quantity, duration, limit.counts or "calls", "calls", add)
        whole = [x for x in limits if not (x.is_none or x.is_concurrent or x.per or x.endpoints is not None)]
        if lines and not whole:
            add("apis", a, "rate", "s", kind="rate", unit="calls/s",
                demand=lambda: sum((ev.window(ev.line(l), ev.line(l).q, 1.0) for l in lines), V(0.0)))

    def model_meters(self, n, add):
        m, ev = self.m, self.ev
        lines = ev.lines_to("inference", n)
        cap = m.doc["models"][n].get("capacity")
        caps = {} if cap is None else cap if is_map(cap) and "now" not in cap else {m.model_units(n)[0]: cap}

        def units(names):
            def quantity(e, l):
                amount = sum((V(1.0) if u == "requests" else e.units(l)[u] for u in names), V(0.0))
                return e.line(l).q * amount
            return quantity
        for u, c in caps.items():
            if c != "none":
                limit = Limit(m, {"rate": c})
                limit.id = f"{u}.{limit.rate.window}"
                self.limit_meter(("models", n), limit, lines, units([u]), None, u, None, add, (u, limit.rate.window))
        for limit in model_limits(m, n):
            if not limit.is_none:
                names = limit.counts or "requests"
                names = [names] if isinstance(names, str) else names

                def duration(e, l):
                    return e.est(path("models", n) + ".duration", m.doc["models"][n]["duration"], p_duration)
                quantity = units(["requests"] if limit.is_concurrent else names)
                self.limit_meter(("models", n), limit, lines, quantity, duration, "+".join(names), "runs", add)

    def limit_meter(self, thing, limit, lines, quantity, duration, counted, running, add, segments=None):
        kind = "concurrency" if limit.is_concurrent else "rate"
        unit = running if limit.is_concurrent else f"{counted}/{limit.rate.window}"

        def window(e, l):
            return duration(e, l) if limit.is_concurrent else V(limit.rate.seconds)
        segments = segments or (limit.id,)
        if limit.per is None:
            def demand():
                return sum((self.ev.window(self.ev.line(l), quantity(self.ev, l), window(self.ev, l)) for l in lines), V(0.0))
            add(*thing, kind, *segments, kind=kind, unit=unit, demand=demand, limit=limit.limit(self.mode))
            return
        judged = Judged(self, limit, lines, quantity, window)

        def demand():
            tier, unsure = judged.closest()
            return V(0.0, unsure) if tier is None else judged.demand(self.ev, tier) + V(0.0, unsure)

        def judged_limit():
            tier, unsure = judged.closest()
            return ("unknown" if unsure else None) if tier is None else limit.limit(self.mode, tier)

        def detail(dem, lim):
            tier, _ = judged.closest()
            return {"tier": tier} if tier else {}
        add(*thing, kind, *segments, kind=kind, unit=unit, per_member=True, demand=demand, limit=judged_limit, detail=detail)


class Judged:
    """A limit per tenant or entity: the demand of one average member."""

    def __init__(self, case, limit, lines, quantity, window):
        self.case, self.limit, self.lines, self.quantity, self.window = case, limit, lines, quantity, window
        self.m = case.m
        self.found = None
        self.counted_entity = limit.per != "tenant" and self.m.entities[limit.per][0] == "count"

    def closest(self):
        """(the tier closest to its limit, at point values, and whether an unknown may make it another);
        "" is the one candidate of a counted entity, None without any"""
        if self.found is None:
            self.found = self.look()
        return self.found

    def look(self):
        ev = self.case.point_ev
        best, unsure = None, False
        for tier in [""] if self.counted_entity else sorted(self.m.tiers):
            limit = self.limit.limit(self.case.mode, tier)
            if limit is None:
                continue
            there = ev.count(self.limit.per) if self.counted_entity else ev.n(tier)
            if not self.counted_entity and self.limit.per != "tenant":
                there = there * ev.w.get(self.m.entities[self.limit.per][1](tier))
            unsure |= bool(there.lb)
            if not there.v > 0:
                continue
            demand = self.demand(ev, tier)
            unsure |= bool(demand.lb)
            used = demand.v / limit if limit > 0 else 0.0 if demand.v == 0 else float("inf")
            if best is None or used > best[0]:
                best = used, tier
        return (None if best is None else best[1]), unsure

    def members(self, ev, ln, tier):
        """of the line, for one member; None where it is left out"""
        per, limit_per = ln.raw.get("per", "tenant"), self.limit.per
        if self.counted_entity:
            return V(1.0) if per == limit_per else None
        if tier not in ln.tiers or per == "project" or (per != "tenant" and self.m.entities[per][0] == "count"):
            return None
        if per == limit_per:
            return V(1.0)
        x = V(1.0) if per == "tenant" else ev.w.get(self.m.entities[per][1](tier))
        if limit_per == "tenant":
            return x
        of = ev.w.get(self.m.entities[limit_per][1](tier))
        return V(x.v / of.v, x.lb | of.lb)

    def root(self, ln):
        parent = self.m.parent(ln)
        return ln if parent is None else self.root(parent)

    def demand(self, ev, tier):
        total, floor, limit = V(0.0), V(0.0), self.limit.limit(self.case.mode, tier)
        bursts = {}
        for ln in self.lines:
            root = self.root(ln)
            members = self.members(ev, root, tier)
            if members is None:
                continue
            r = ev.line(ln)
            O = ev.member_occurrences(ln, members)
            W = self.window(ev, ln)
            total = total + ev.window(r, self.quantity(ev, ln), W, O)
            bursts[root.path] = bursts.get(root.path, V(0.0)) + self.burst(ev, ln, W)
        for p, burst in bursts.items():
            root = self.m.lines[p]
            often = ev.member_occurrences(root, self.members(ev, root, tier))
            occurs = (often.v > 0) | often.lb
            floor = V(raw_max(floor.v, burst.v * (occurs & (burst.v > limit))), floor.lb | burst.lb)
        total = total * self.limit.largest
        return V(raw_max(total.v, floor.v), total.lb | floor.lb)

    def burst(self, ev, ln, W):
        """what one occurrence of the line with a rate comes to in this line"""
        follows, x = V(1.0), ln
        while (parent := self.m.parent(x)) is not None:
            follows = follows * ev.line(x).fan * ev.line(parent).took_ratio
            x = parent
        part = V(1.0) if ev.line(x).spread is None else V(raw_min(1.0, W.v / ev.line(x).spread), W.lb)
        return follows * self.quantity(ev, ln) * part
