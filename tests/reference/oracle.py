#!/usr/bin/env python3
"""Independent reference implementation of the capacity.toml arithmetic.

    python3 oracle.py DIR [--draws N] [--bp-draws N] [--seed S]

Reads all capacity.toml files of one project folder and prints the arithmetic
part of the JSON report. A value is a V: a float or numpy array (axis 0 days,
axis 1 draws) together with whether an "unknown" reaches it.
"""
import argparse, copy, json, math, os, re, sys, tomllib, hashlib, datetime
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

import numpy as np

DAY = 86400.0
Z90 = 1.2815515655446004
INF = math.inf
np.seterr(all="ignore")

# ----------------------------------------------------------------- values


class V:
    __slots__ = ("v", "lb")

    def __init__(self, v, lb=False):
        self.v = v
        self.lb = lb

    def __add__(self, o):
        o = tov(o)
        return V(self.v + o.v, orr(self.lb, o.lb))

    __radd__ = __add__

    def __sub__(self, o):
        o = tov(o)
        return V(self.v - o.v, orr(self.lb, o.lb))

    def __rsub__(self, o):
        return tov(o) - self

    def __mul__(self, o):
        o = tov(o)
        return V(self.v * o.v, orr(self.lb, o.lb))

    __rmul__ = __mul__

    def __repr__(self):
        return f"V({self.v},{self.lb})"


def orr(a, b):
    if a is False:
        return b
    if b is False:
        return a
    return a | b


def tov(x):
    return x if isinstance(x, V) else V(float(x))


def isarr(x):
    return isinstance(x, np.ndarray)


def raw_max(a, b):
    return np.maximum(a, b) if isarr(a) or isarr(b) else max(a, b)


def raw_min(a, b):
    return np.minimum(a, b) if isarr(a) or isarr(b) else min(a, b)


def vmax(a, b):
    a, b = tov(a), tov(b)
    return V(raw_max(a.v, b.v), orr(a.lb, b.lb))


def vmin(a, b):
    a, b = tov(a), tov(b)
    return V(raw_min(a.v, b.v), orr(a.lb, b.lb))


def raw_div(a, b, zero=0.0):
    """a / b, and `zero` where b is 0."""
    if isarr(a) or isarr(b):
        b = np.asarray(b, dtype=float)
        return np.where(b == 0, zero, np.asarray(a, dtype=float) / np.where(b == 0, 1.0, b))
    return zero if b == 0 else a / b


def vdiv(a, b, zero=0.0):
    a, b = tov(a), tov(b)
    return V(raw_div(a.v, b.v, zero), orr(a.lb, b.lb))


def anylb(lb):
    return bool(np.any(lb))


# ----------------------------------------------------------------- parsing

class Bad(Exception):
    pass


def num(x):
    if isinstance(x, bool) or not isinstance(x, (int, float, Decimal)):
        raise Bad(f"number expected: {x!r}")
    return float(x)


def p_count(x):
    return num(x)


def p_ratio(x):
    if isinstance(x, str):
        s = x.strip()
        if not s.endswith("%"):
            raise Bad(f"ratio: {x!r}")
        return float(Fraction(s[:-1].strip().replace("_", "")) / 100)
    return num(x)


DUR = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "mo": 30 * 86400, "y": 365 * 86400}


def p_duration(x):
    if not isinstance(x, str):
        raise Bad(f"duration: {x!r}")
    pos, tot = 0, Fraction(0)
    for m in re.finditer(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*(mo|s|m|h|d|w|y)\s*", x):
        if m.start() != pos:
            raise Bad(f"duration: {x!r}")
        pos = m.end()
        tot += Fraction(m.group(1).replace("_", "")) * DUR[m.group(2)]
    if pos != len(x) or pos == 0:
        raise Bad(f"duration: {x!r}")
    return float(tot)


SIZES = {"B": 1}
for i, c in enumerate("KMGTPE"):
    SIZES[c + "B"] = 1000 ** (i + 1)
    SIZES[c + "iB"] = 1024 ** (i + 1)
SIZES["kB"] = 1000


def p_size(x):
    if isinstance(x, str):
        m = re.fullmatch(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([A-Za-z]+)", x.strip())
        if not m or m.group(2) not in SIZES:
            raise Bad(f"size: {x!r}")
        return float(Fraction(m.group(1).replace("_", "")) * SIZES[m.group(2)])
    return num(x)


PERIODS = {}
for canon, names in {
    "s": "s sec secs second seconds", "min": "min mins minute minutes", "h": "h hr hour hours",
    "day": "d day days", "week": "w week weeks", "month": "mo month months",
}.items():
    for n in names.split():
        PERIODS[n] = canon


def period(s, dpm):
    """-> (window name, seconds as Fraction)"""
    s = s.strip()
    if s in PERIODS:
        c = PERIODS[s]
        if c == "month":
            return c, Fraction(dpm) * 86400
        return c, Fraction({"s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800}[c])
    return s, Fraction(p_duration(s))


class Rate:
    __slots__ = ("n", "per_day", "every", "window", "seconds")


SUFFIX = {"": 1, "k": 10 ** 3, "M": 10 ** 6, "G": 10 ** 9}


def p_rate(x, dpm):
    if not isinstance(x, str):
        raise Bad(f"rate: {x!r}")
    r = Rate()
    if x.strip().startswith("every "):
        r.window, sec = period(x.strip()[6:], dpm)
        r.n = 1.0
        r.every = float(sec)
        r.seconds = float(sec)
        r.per_day = float(Fraction(86400) / sec)
        return r
    a, _, b = x.partition("/")
    m = re.fullmatch(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kMG]?)", a.strip())
    if not m:
        raise Bad(f"rate: {x!r}")
    n = Fraction(m.group(1).replace("_", "")) * SUFFIX[m.group(2)]
    r.window, sec = period(b, dpm)
    r.n = float(n)
    r.every = None
    r.seconds = float(sec)
    r.per_day = float(n * 86400 / sec)
    return r


def p_throughput(x, dpm):
    a, _, b = x.partition("/")
    return float(Fraction(p_size(a)) / period(b, dpm)[1])


class Est:
    """const | quantiles | unknown, with the path that keys its draws"""
    __slots__ = ("path", "p10", "p50", "p90", "unknown", "certain", "every")

    def __init__(self, path, raw, parse):
        self.path = path
        self.unknown = False
        self.certain = True
        self.every = False
        if isinstance(raw, str) and raw == "unknown":
            self.unknown = True
            self.p10 = self.p50 = self.p90 = 0.0
        elif isinstance(raw, dict):
            if not set(raw) <= {"p10", "p50", "p90"} or "p50" not in raw or "p90" not in raw:
                raise Bad(f"{path}: not an estimate {raw!r}")
            q = {k: parse(v) for k, v in raw.items()}
            if isinstance(q["p50"], Rate):
                self.every = q["p50"].every is not None
                q = {k: v.per_day for k, v in q.items()}
            self.p50, self.p90 = q["p50"], q["p90"]
            self.p10 = q["p10"] if "p10" in q else self.p50 ** 2 / self.p90
            self.certain = False
        else:
            q = parse(raw)
            if isinstance(q, Rate):
                self.every = q.every is not None
                q = q.per_day
            self.p10 = self.p50 = self.p90 = q


class World:
    """Draws of every variable: n = 0 puts all at their p50."""

    def __init__(self, n=0, seed=0):
        self.n = n
        self.seed = seed
        self.cache = {}

    def z(self, path):
        if path not in self.cache:
            h = hashlib.sha256(f"{self.seed}|{path}".encode()).digest()
            rng = np.random.default_rng(int.from_bytes(h[:8], "big"))
            # one stratum per draw (Latin hypercube): independent variables, little noise
            u = (rng.permutation(self.n) + rng.random(self.n)) / self.n
            self.cache[path] = norm_ppf(u)
        return self.cache[path]

    def get(self, e, clamp=None):
        if e.unknown:
            return V(0.0, True)
        if e.certain or self.n == 0:
            v = e.p50
        else:
            z = self.z(e.path)
            sp = math.log(e.p90 / e.p50) / Z90
            sm = math.log(e.p50 / e.p10) / Z90
            v = e.p50 * np.exp(np.where(z >= 0, sp, sm) * z)
        if clamp is not None:
            v = raw_min(v, clamp)
        return V(v)


_GRID = None


def norm_ppf(u):
    """inverse normal by Newton on a table start (numpy has none)"""
    global _GRID
    if _GRID is None:
        nd = NormalDist()
        z = np.linspace(-7.5, 7.5, 60001)
        _GRID = (np.array([nd.cdf(float(t)) for t in z]), z)
    return np.interp(u, *_GRID)


# ----------------------------------------------------------------- the model

LISTS = ("calls", "writes", "messages", "inference")
TARGET = {"calls": "endpoint", "writes": "table", "messages": "queue", "inference": "model"}


def key(s):
    return s if re.fullmatch(r"[A-Za-z0-9_-]+", s) else json.dumps(s, ensure_ascii=False)


def path(*segs):
    return ".".join(key(s) for s in segs)


def split_path(s):
    out = []
    i = 0
    while i < len(s):
        if s[i] == '"':
            j = i + 1
            while s[j] != '"':
                j += 2 if s[j] == "\\" else 1
            out.append(json.loads(s[i:j + 1]))
            i = j + 1
        elif s[i] == "'":
            j = s.index("'", i + 1)
            out.append(s[i + 1:j])
            i = j + 1
        else:
            j = i
            while j < len(s) and s[j] != ".":
                j += 1
            out.append(s[i:j])
            i = j
        if i < len(s):
            assert s[i] == "."
            i += 1
    return out


def default_id(doc, lst, raw):
    if "id" in raw:
        return raw["id"]
    t = raw[TARGET[lst]]
    if lst == "calls":
        a, c, b = t.partition(":")
        if c and a in doc.get("apis", {}):
            return b
    return t


def apply_set(doc, spath, value):
    segs = split_path(spath)
    cur = doc
    for i, s in enumerate(segs[:-1]):
        if isinstance(cur, list):
            for item in cur:
                name = item.get("name") if segs[i - 1] == "packs" else default_id(doc, segs[i - 1], item)
                if name == s:
                    cur = item
                    break
            else:
                raise Bad(f"set: {spath}")
        else:
            nxt = cur.get(s)
            if not isinstance(nxt, (dict, list)):
                nxt = {"now": nxt} if nxt is not None and segs[i + 1] in ("now", "max") else {}
                cur[s] = nxt
            cur = nxt
    cur[segs[-1]] = value


class Line:
    pass


class Model:
    """The parsed project; every number still an Est or a constant."""

    def __init__(self, doc):
        self.doc = doc
        self.vars = {}
        pr = doc.get("project", {})
        self.name = pr.get("name")
        self.currency = pr.get("currency", "USD")
        self.dpm = num(pr.get("days_per_month", 30))
        self.horizon = math.ceil(p_duration(pr.get("horizon", "1y")) / DAY)
        self.peak = num(pr.get("peak", 1))
        self.tiers = {t: self.projection(path("tenants", t), v) for t, v in doc.get("tenants", {}).items()}
        self.entities = {}
        for n, e in doc.get("entities", {}).items():
            p = path("entities", n)
            if "count" in e:
                self.entities[n] = ("count", self.projection(p + ".count", e["count"]), bool(e.get("fixed", False)))
            else:
                self.entities[n] = ("per_tenant", self.per_tier(p + ".per_tenant", e["per_tenant"], p_count, 0.0), None)
        self.days = sorted({d for pts in self.all_projections() for d, _ in pts} | {30, 60, 90})
        self.days = [d for d in self.days if d > 0]
        self.last_day = max([d for pts in self.all_projections() for d, _ in pts], default=0)
        self.lines = {}
        self.by_feature = {}
        self.endpoints = {}   # endpoint -> apis
        for a, api in doc.get("apis", {}).items():
            for e in api.get("endpoints", {}):
                self.endpoints.setdefault(e, []).append(a)
        for f, feat in doc.get("features", {}).items():
            self.feature(f, feat)
        pol = doc.get("policy", {})
        self.confidence = pol.get("confidence", "p80")
        self.limits = pol.get("limits", {})
        burn = pol.get("burn", {})
        self.soft = p_ratio(burn.get("soft", {}).get("share", "75%"))
        self.hard = p_ratio(burn.get("hard", "90%"))

    def all_projections(self):
        for pts in self.tiers.values():
            yield pts
        for e in self.entities.values():
            if e[0] == "count":
                yield e[1]

    def projection(self, p, raw):
        if isinstance(raw, dict) and "p50" not in raw:
            pts = []
            for k, v in raw.items():
                d = 0 if k == "now" else int(re.fullmatch(r"(\d+)d", k).group(1))
                pts.append((d, Est(f"{p}.{k}", v, p_count)))
            return sorted(pts, key=lambda t: t[0])
        return [(0, Est(p + ".now", raw, p_count))]

    def per_tier(self, p, raw, parse, missing):
        """-> function tier -> Est"""
        if isinstance(raw, dict) and "p50" not in raw:
            m = {t: Est(path_join(p, t), v, parse) for t, v in raw.items()}
            miss = Est(p, missing, lambda x: x)
            return lambda t: m.get(t, miss)
        e = Est(p, raw, parse)
        return lambda t: e

    def rate(self, x):
        return p_rate(x, self.dpm)

    def var(self, p, raw, parse):
        """the variable at a path (parsed once)"""
        e = self.vars.get(p)
        if e is None:
            e = self.vars[p] = Est(p, raw, parse)
        return e

    def resolve_endpoint(self, ref):
        a, c, b = ref.partition(":")
        if c and a in self.doc.get("apis", {}):
            return a, b
        apis = self.endpoints.get(ref, [])
        if len(apis) != 1:
            raise Bad(f"endpoint {ref}")
        return apis[0], ref

    def feature(self, f, feat):
        for lst in LISTS:
            for raw in feat.get(lst, []):
                ln = Line()
                ln.feature, ln.list, ln.raw = f, lst, raw
                ln.id = default_id(self.doc, lst, raw)
                ln.path = path("features", f, lst, ln.id)
                if ln.path in self.lines:
                    raise Bad(f"duplicate {ln.path}")
                if lst == "calls":
                    ln.api, ln.endpoint = self.resolve_endpoint(raw["endpoint"])
                    ln.target = f"{ln.api}:{ln.endpoint}"
                else:
                    ln.target = raw[TARGET[lst]]
                ln.feature_tiers = feat.get("tenants", list(self.tiers))
                ln.tiers = raw.get("tenants", ln.feature_tiers)
                self.lines[ln.path] = ln
                self.by_feature.setdefault(f, {})[ln.id] = ln

    def model_units(self, n):
        md = self.doc["models"][n]
        units = []
        if isinstance(md.get("price"), dict):
            units += [k for k in md["price"] if k != "per"]
        elif "price" in md:
            units.append(md.get("unit", "units"))
        cap = md.get("capacity")
        if isinstance(cap, dict) and "now" not in cap:
            units += [k for k in cap]
        elif cap is not None and not isinstance(md.get("price"), dict):
            units.append(md.get("unit", "units"))
        units = [u for u in dict.fromkeys(units) if u != "requests"]
        return units or [md.get("unit", "units")]

    def share(self, kind, when, which):
        for src in (self.limits.get(kind, {}), self.limits):
            v = src.get(when, {}).get(which)
            if v is not None:
                return p_ratio(v)
        if when == "today":
            if kind == "storage" and which == "breaks":
                return 0.9
            if kind == "credits" and which == "tight":
                return self.hard
            return {"tight": 0.75, "breaks": 1.0}[which]
        return {"tight": 0.9, "breaks": 1.0}[which]

    def uncertain(self):
        def walk(x):
            if isinstance(x, dict):
                return ("p50" in x and "p90" in x) or any(walk(v) for v in x.values())
            if isinstance(x, list):
                return any(walk(v) for v in x)
            return False
        return any(walk(self.doc.get(s, {})) for s in
                   ("tenants", "entities", "apis", "features", "databases", "tables", "queues", "models"))


def path_join(p, seg):
    return p + "." + key(seg)


def limit_of(raw, mode, parse):
    """(value or None)"""
    if raw is None:
        return None
    if isinstance(raw, dict) and "now" in raw:
        return parse(raw[mode] if mode in raw else raw["now"])
    return parse(raw)


def has_max(raw):
    return isinstance(raw, dict) and "max" in raw


# ----------------------------------------------------------------- packs

def exact(x):
    if isinstance(x, Decimal):
        return Fraction(x)
    return Fraction(x)


class Packs:
    def __init__(self, packs):
        self.items = []
        for p in packs:
            c = exact(p["credits"])
            if c > 0:
                self.items.append((c, exact(p["price"]), int(p["max"]) if "max" in p else None))
        self.items.sort(key=lambda t: t[1] / t[0])

    def cheapest(self, need):
        """(price, credits of that choice) of the cheapest multiset covering need, or None"""
        if need <= 0:
            return Fraction(0), Fraction(0)
        need = Fraction(need)
        if all(m is not None for _, _, m in self.items) and sum((c * m for c, _, m in self.items), Fraction(0)) < need:
            return None
        best = [None, None]
        items = self.items
        n = len(items)

        def rec(i, left, cost, got):
            if left <= 0:
                if best[0] is None or cost < best[0] or (cost == best[0] and got > best[1]):
                    best[0], best[1] = cost, got
                return
            if i == n:
                return
            c, p, m = items[i]
            top = -((-left) // c)
            if m is not None and m < top:
                top = m
            k = top
            while k >= 0:
                rest = left - k * c
                cst = cost + k * p
                if rest > 0 and best[0] is not None:
                    if i + 1 == n:
                        return
                    nc, np_, _ = items[i + 1]
                    if cst + rest * np_ / nc >= best[0]:
                        return
                if rest > 0 and i + 1 == n:
                    return
                rec(i + 1, rest, cst, got + k * c)
                k -= 1

        rec(0, need, Fraction(0), Fraction(0))
        return (best[0], best[1]) if best[0] is not None else None

    def cost(self, need):
        if not isarr(need):
            r = self.cheapest(need) if math.isfinite(need) else None
            return INF if r is None else float(r[0])
        flat = need.ravel()
        out = np.zeros(flat.shape)
        order = np.argsort(flat)
        upto, price = 0.0, 0.0
        for i in order:
            x = flat[i]
            if x > upto:
                r = self.cheapest(float(x)) if math.isfinite(x) else None
                if r is None:
                    upto, price = INF, INF
                else:
                    price, upto = float(r[0]), float(r[1])
            out[i] = price
        return out.reshape(need.shape)


# ----------------------------------------------------------------- evaluation

class Scen:
    def __init__(self, name, raw, model):
        self.name = name
        self.raw = raw
        self.require = raw.get("require", "warn")
        self.mult = raw.get("tenants", 1)
        self.rates = {k: num(v) for k, v in raw.get("rates", {}).items()}
        self.payload = num(raw.get("payload", 1))
        self.event = "on" in raw
        self.lasts = p_duration(raw["lasts"]) / DAY if "lasts" in raw else None


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
    def at(self, pts):
        """a projection on the day(s): linear between the points, flat after the last"""
        day = self.day
        if self.scen is not None:
            day = 0
        tot = V(0.0)
        if len(pts) == 1:
            return self.w.get(pts[0][1])
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
        return self.w.get(self.m.tiers[t][0][1])

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
            c = self.w.get(pts[0][1])
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
            par = self.line(m.by_feature[ln.feature][raw["after"]])
            fan = self.est(ln.path + ".fanout", raw.get("fanout", 1), p_count)
            r.P, r.batch, r.p, r.spread, r.peak = par.P, par.batch, par.p, par.spread, par.peak
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
            rate = self.w.get(e)
            r.O = r.P * rate
            if self.scen is not None:
                r.O = r.O * self.scen.rates.get(ln.feature, 1.0)
            r.batch = e.every
            r.p = vdiv(DAY, rate) if e.every else None
            r.spread = p_duration(raw["spread"]) if "spread" in raw else None
            r.peak = num(raw.get("peak", m.peak))
            r.L = None
        r.ln = ln
        r.h = V(0.0)
        if ln.list in ("calls", "inference"):
            r.h = self.hit(ln, r)
            if ln.list == "calls":
                retry = m.doc["apis"][ln.api].get("retry_ratio", 0)
                rp = path("apis", ln.api) + ".retry_ratio"
            else:
                retry = m.doc["models"][ln.target].get("retry_ratio", 0)
                rp = path("models", ln.target) + ".retry_ratio"
            r.took_ratio = 1.0 - r.h
            r.took = r.O * r.took_ratio
            r.q = r.took_ratio * (1.0 + self.est(rp, retry, p_ratio))   # billed per occurrence
            r.billed = r.O * r.q
        elif ln.list == "messages":
            r.q = self.est(ln.path + ".count", raw.get("count", 1), p_count)
            r.took_ratio = r.q
            r.took = r.O * r.q
        else:
            r.q = self.est(ln.path + ".rows", raw.get("rows", 1), p_count)
        return r

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
        if r.batch and scope == "tenant":
            q = T / r.p.v - 1e-9
            n = np.maximum(1, np.ceil(q)) if isarr(q) else max(1, math.ceil(q))
            return V(1 - 1 / n, r.p.lb)
        if scope == "tenant":
            lam = vdiv(r.O, r.P * DAY)
        else:
            lam = vdiv(r.O, self.est(ln.path + ".cache.keys", c["keys"], p_count) * DAY)
        lt = lam.v * T
        return V(lt / (1 + lt), lam.lb)

    def window(self, r, q, W):
        """the most that comes in W seconds of a quantity with q per occurrence"""
        x = r.O * q
        if not r.batch:
            v = x * (W / DAY * (r.peak if W < DAY else 1.0))
        else:
            p = r.p.v
            X = x * r.p * (1 / DAY)
            sp = p if r.spread is None else r.spread
            f = raw_max(raw_min(1.0, W / sp), W / p)
            v = X * V(f)
        if r.L is not None:
            v = vmin(v, V((r.L * q * W).v))
        return v

    # quantities per occurrence
    def credits_per_call(self, ln):
        ep = self.m.doc["apis"][ln.api].get("endpoints", {}).get(ln.endpoint, {})
        b = path("apis", ln.api, "endpoints", ln.endpoint)
        c = self.est(b + ".credits", ep.get("credits", 0), p_count)
        if "credits_per_item" in ep:
            c = c + self.est(b + ".credits_per_item", ep["credits_per_item"], p_count) * \
                self.est(ln.path + ".items", ln.raw.get("items", 1), p_count)
        return vmax(c, num(ep.get("min_credits", 0)))

    def credits(self, ln):
        r = self.line(ln)
        return r.billed * self.credits_per_call(ln)

    def units(self, ln):
        """unit -> units per run (before requests)"""
        us = self.m.model_units(ln.target)
        raw = ln.raw["units"]
        if isinstance(raw, dict) and "p50" not in raw:
            return {u: self.est(path_join(ln.path + ".units", u), raw[u], p_count) * self.payload for u in us}
        return {us[0]: self.est(ln.path + ".units", raw, p_count) * self.payload}

    def line_spend(self, ln):
        md = self.m.doc["models"][ln.target]
        price = md.get("price")
        r = self.line(ln)
        if price is None:
            return V(0.0)
        us = self.units(ln)
        if not isinstance(price, dict):
            return r.billed * us[md.get("unit", "units")] * num(price)
        per = num(price.get("per", 1))
        s = V(0.0)
        for u, pr in price.items():
            if u == "per":
                continue
            s = s + r.billed * (V(1.0) if u == "requests" else us[u]) * (num(pr) / per)
        return s

    def msg_size(self, ln):
        q = self.m.doc["queues"][ln.target]
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

    def state_rows(self, t):
        tb = self.m.doc["tables"][t]
        P = self.population(tb.get("per", "tenant"), list(self.m.tiers), lambda _t: V(1.0))
        return self.est(path("tables", t) + ".rows", tb.get("rows", 0), p_count) * P

    def row_size(self, t):
        return self.est(path("tables", t) + ".row_size", self.m.doc["tables"][t]["row_size"], p_size) * self.payload


class Meter:
    def __init__(self, id, kind, unit, demand, limit, detail):
        self.id, self.kind, self.unit = id, kind, unit
        self.demand, self.limit, self.detail = demand, limit, detail   # callables


NOLIMIT = None
UNKNOWN = "unknown"


class Case:
    """Meters of one evaluation: today, a horizon, a scenario, or today at k."""

    def __init__(self, model, world, day=0, k=1.0, scen=None, H=None, today=None):
        self.m = model
        self.w = world
        self.scen = scen
        self.H = model.horizon if H is None else H
        self.ev = Ev(model, world, day, k, scen)
        last = 0 if scen is not None else model.last_day
        self.nd = last + 1
        self.series = self.ev if self.nd == 1 else Ev(model, world, np.arange(self.nd, dtype=float)[:, None], k, scen)
        self.today = today      # the Ev of today (depth ratio, events); None: this is it
        self.mode = "max" if scen is not None else "now"
        self.when = "scenario" if scen is not None else "today"

    # --- storage
    def R(self, t, a, b):
        if b <= a:
            return V(0.0)
        rows = self.series.rows(t)
        if self.nd == 1 or not isarr(rows.v) or rows.v.ndim < 2:
            return rows * (b - a)
        d = np.arange(self.nd, dtype=float)
        hi = d + 1
        hi[-1] = INF
        w = np.clip(np.minimum(hi, b) - np.maximum(d, a), 0, None)[:, None]
        v = (w * rows.v).sum(axis=0)
        lb = anylb(np.broadcast_to(rows.lb, (self.nd, 1)) & (w > 0))
        if self.w.n == 0:
            v = float(v[0])
        return V(v, lb)

    def keep(self, t):
        """K, A, r of a table"""
        tb = self.m.doc["tables"][t]
        ret = tb.get("retention")
        part = tb.get("partition")
        expire = tb.get("expire", "drop" if part is not None else "delete")
        if ret is None or ret == "forever" or expire == "detach":
            K = INF
        else:
            K = p_duration(ret) / DAY
            if part is not None and expire == "drop":
                K += {"day": 1, "week": 7, "month": 30, "year": 365}.get(part) or p_duration(part) / DAY
        A, r = K, 1.0
        if "compress" in tb:
            A, r = p_duration(tb["compress"]["after"]) / DAY, p_ratio(tb["compress"]["ratio"])
        return K, A, r

    def table_bytes(self, t):
        tb = self.m.doc["tables"][t]
        existing = p_size(tb.get("existing", 0))
        H = self.H
        if tb["kind"] == "state":
            x = self.series.state_rows(t)
            if isarr(x.v) and x.v.ndim == 2:
                i = min(H, self.nd - 1)
                lb = bool(np.broadcast_to(x.lb, (self.nd, 1))[i, 0])
                v = x.v[i]
                x = V(float(v[0]) if self.w.n == 0 else v, lb)
            return vmax(x * self.ev.row_size(t), existing)
        K, A, r = self.keep(t)
        recent = self.R(t, max(0.0, H - min(A, K)), H)
        tot = recent
        if A < K:
            tot = tot + self.R(t, max(0.0, H - K), max(0.0, H - A)) * r
        return self.ev.row_size(t) * tot + existing * max(0.0, 1 - H / K)

    def tables_of(self, d):
        dbs = self.m.doc.get("databases", {})
        only = next(iter(dbs)) if len(dbs) == 1 else None
        return [t for t, tb in self.m.doc.get("tables", {}).items() if tb.get("database", only) == d]

    def bytes_series(self, t):
        """point bytes at every whole day 0..H (points only)"""
        tb = self.m.doc["tables"][t]
        existing = p_size(tb.get("existing", 0))
        h = np.arange(self.H + 1, dtype=float)
        idx = np.minimum(np.arange(self.H + 1), self.nd - 1)

        def daily(x):
            v = np.asarray(x.v, dtype=float)
            return v[idx, 0] if v.ndim == 2 else np.full(self.H + 1, float(v))
        if tb["kind"] == "state":
            return np.maximum(daily(self.series.state_rows(t)) * self.ev.row_size(t).v, existing)
        rows = daily(self.series.rows(t))
        C = np.concatenate([[0.0], np.cumsum(rows)])[: self.H + 1]

        def at(x):
            return np.interp(np.maximum(0.0, x), h, C)
        K, A, r = self.keep(t)
        tot = C - at(h - min(A, K))
        if A < K:
            tot = tot + r * (at(h - A) - at(h - K))
        return self.ev.row_size(t).v * tot + existing * np.maximum(0.0, 1 - h / K)

    def full_day(self, series, limit, kind="storage"):
        if limit is None:
            return None
        over = series > self.m.share(kind, self.when, "breaks") * limit
        i = int(np.argmax(over))
        return i if over[i] else None

    # --- spend
    def api_credits(self, a):
        s = V(0.0)
        for l in self.ev.api_lines(a):
            s = s + self.ev.credits(l)
        s = s * self.m.dpm
        return self.blend(s, lambda ev: sum((ev.credits(l) for l in ev.api_lines(a)), V(0.0)) * ev.m.dpm)

    def blend(self, s, today):
        if self.scen is not None and self.scen.event and self.scen.lasts is not None:
            f = self.scen.lasts / self.m.dpm
            if f < 1:
                s = today(self.today) * (1 - f) + s * f
        return s

    def api_spend(self, a):
        api = self.m.doc["apis"][a]
        plan = api.get("plan", {})
        credits = self.api_credits(a)
        have = limit_of(plan.get("credits"), "now", num) or 0.0
        past = vmax(credits - have, 0.0)
        base = num(plan.get("price", 0))
        if "overage" in api:
            o = api["overage"]
            return past * (num(o["price"]) / num(o.get("per", 1))) + base
        if api.get("packs"):
            return V(Packs(api["packs"]).cost(past.v) + base, past.lb)
        return V(base + past.v * 0.0, past.lb)

    def budget(self, raw):
        if raw is None:
            return None
        if self.scen is None:
            return limit_of(raw, "now", num)
        if has_max(raw):
            return num(raw["max"])
        if self.scen.event:
            return limit_of(raw, "now", num)
        return None

    # --- queues
    def depth(self, q):
        raw = self.m.doc["queues"][q]
        ev = self.ev
        if "depth" in raw:
            d = ev.est(path("queues", q) + ".depth", raw["depth"], p_count)
            if self.today is not None:
                d = d * vdiv(ev.mean_messages(q), self.today.mean_messages(q), 1.0)
            return d
        C = ev.workers(q)
        clb = False
        if C is None:
            C = V(0.0)
        elif C == "unknown":
            C = V(0.0, True)
        ls = ev.mean_messages(q, steady_only=True)
        tot = V(0.0)
        for l in ev.lines_to("messages", q):
            r = ev.line(l)
            if not r.batch:
                continue
            X = r.took * r.p * (1 / DAY)
            if r.spread is not None:
                X = vmax(X - vmax(C - ls, 0.0) * r.spread, 0.0)
            tot = tot + X
        return tot

    def drain(self, q):
        ev = self.ev
        back = self.depth(q)
        C = ev.workers(q)
        C = V(0.0) if C is None else V(0.0, True) if C == "unknown" else C
        lam = ev.mean_messages(q)
        sub = lam if "depth" in self.m.doc["queues"][q] else ev.mean_messages(q, steady_only=True)
        lb = orr(orr(back.lb, C.lb), lam.lb)
        c, l, b, s = C.v, lam.v, back.v, sub.v
        if any(isarr(x) for x in (c, l, b, s)):
            c, l, b, s = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (c, l, b, s)))
            v = np.where((c <= l) & ((l > 0) | (b > 0)), INF, np.where(b == 0, 0.0, b / np.where(c == s, 1.0, c - s)))
        elif c <= l and (l > 0 or b > 0):
            v = INF
        elif b == 0:
            v = 0.0
        else:
            v = b / (c - s)
        return V(v, lb)

    def retained(self, q):
        raw = self.m.doc["queues"][q]
        ev = self.ev
        if raw["broker"] == "kafka":
            mb = ev.mean_bytes(q)
            if "retention" not in raw:
                return V(np.where(mb.v > 0, INF, 0.0) if isarr(mb.v) else (INF if mb.v > 0 else 0.0), mb.lb)
            return mb * (p_duration(raw["retention"]) * num(raw.get("replication", 1)))
        mm, mb, qs = ev.mean_messages(q), ev.mean_bytes(q), ev.queue_size(q)
        if isarr(mm.v) or isarr(mb.v) or isarr(qs.v):
            size = V(np.where(mm.v == 0, qs.v, raw_div(mb.v, mm.v)), orr(mm.lb, mb.lb if np.any(mm.v != 0) else False))
            if np.any(mm.v == 0):
                size.lb = orr(size.lb, qs.lb)
        elif mm.v == 0:
            size = V(qs.v, orr(mm.lb, qs.lb))
        else:
            size = V(mb.v / mm.v, orr(mm.lb, mb.lb))
        return self.depth(q) * size

    # --- the list
    def meters(self):
        m, ev, mode = self.m, self.ev, self.mode
        doc = m.doc
        out = []

        def add(*segs, kind, unit, demand, limit=None, detail=None):
            out.append(Meter(path(*segs), kind, unit, demand, limit if callable(limit) else (lambda: limit), detail))

        def win_sum(lines, q, W):
            s = V(0.0)
            for l in lines:
                s = s + ev.window(ev.line(l), q(l), W)
            return s

        for a, api in doc.get("apis", {}).items():
            lines = ev.api_lines(a)
            plan = api.get("plan")
            packs = api.get("packs") or []
            if lines or plan is not None:
                lim = limit_of(plan.get("credits"), mode, num) if plan is not None else None
                if "overage" in api:
                    lim = None
                elif packs and self.scen is not None:
                    if any("max" not in p for p in packs):
                        lim = None
                    else:
                        lim = (lim or 0.0) + sum(num(p["credits"]) * num(p["max"]) for p in packs)

                def detail(dem, lim):
                    d = {"soft_on_day": None, "hard_on_day": None, "empties_on_day": None}
                    if lim is not None and dem > 0:
                        for n, s in (("soft_on_day", m.soft), ("hard_on_day", m.hard), ("empties_on_day", 1.0)):
                            x = s * lim / (dem / m.dpm)
                            if x <= m.dpm:
                                d[n] = x
                    return d
                add("apis", a, "credits", kind="credits", unit="credits/month",
                    demand=lambda a=a: self.api_credits(a), limit=lim, detail=detail)
            rl = api.get("rate_limit")
            rls = rl if isinstance(rl, list) else [] if rl is None else [rl]
            for x in rls:
                r = limit_of(x, mode, m.rate)
                add("apis", a, "rate", r.window, kind="rate", unit=f"calls/{r.window}", limit=r.n,
                    demand=lambda lines=lines, W=r.seconds: win_sum(lines, lambda l: ev.line(l).q, W))
            if not rls and lines:
                add("apis", a, "rate", "s", kind="rate", unit="calls/s",
                    demand=lambda lines=lines: win_sum(lines, lambda l: ev.line(l).q, 1.0))
            if plan is not None or packs or "overage" in api or "budget" in api:
                add("apis", a, "spend", kind="spend", unit="money/month",
                    demand=lambda a=a: self.api_spend(a), limit=self.budget(api.get("budget")))

        for d, db in doc.get("databases", {}).items():
            tabs = self.tables_of(d)
            over = 1 + p_ratio(db.get("overhead", 0))
            lim = limit_of(db.get("storage"), mode, p_size)
            add("databases", d, "storage", kind="storage", unit="bytes", limit=lim,
                demand=lambda tabs=tabs, over=over: sum((self.table_bytes(t) for t in tabs), V(0.0)) * over,
                detail=lambda dem, lim, tabs=tabs, over=over: {"full_on_day": None if lim is None else self.full_day(
                    over * sum((self.bytes_series(t) for t in tabs), np.zeros(self.H + 1)), lim)})

            def writes(tabs=tabs):
                s = V(0.0)
                for t in tabs:
                    tb = doc["tables"][t]
                    ix = 1 + num(tb.get("indexes", 0))
                    if tb["kind"] == "rollup":
                        s = s + ev.rows(t) * (ix / DAY)
                    else:
                        for l in ev.lines_to("writes", t):
                            s = s + ev.window(ev.line(l), ev.line(l).q, 1.0) * ix
                return s
            wl = limit_of(db.get("writes"), mode, m.rate)
            add("databases", d, "writes", kind="writes", unit="writes/s", demand=writes,
                limit=None if wl is None else wl.per_day / DAY)

        for t, tb in doc.get("tables", {}).items():
            add("tables", t, "storage", kind="storage", unit="bytes", demand=lambda t=t: self.table_bytes(t),
                limit=limit_of(tb.get("max_size"), mode, p_size),
                detail=lambda dem, lim, t=t: {"full_on_day": None if lim is None else self.full_day(self.bytes_series(t), lim)})

        for q, qu in doc.get("queues", {}).items():
            lines = ev.lines_to("messages", q)
            kafka = qu["broker"] == "kafka"
            pt = p_throughput(qu.get("partition_throughput", "3MB/s"), m.dpm)
            parts = limit_of(qu.get("partitions"), mode, num)

            def thr(q=q, lines=lines, qu=qu):
                s = win_sum(lines, lambda l: ev.line(l).q * ev.msg_size(l), 1.0)
                if "replay" in qu:
                    s = s + ev.mean_bytes(q) * p_ratio(qu["replay"])
                return s
            add("queues", q, "throughput", kind="throughput", unit="bytes/s", demand=thr,
                limit=parts * pt if kafka and parts is not None else None,
                detail=(lambda dem, lim, pt=pt: {"partitions_needed": math.ceil(dem / pt)}) if kafka else None)
            if not kafka or "retention" in qu or "storage" in qu:
                add("queues", q, "retained", kind="retained", unit="bytes", demand=lambda q=q: self.retained(q),
                    limit=limit_of(qu.get("storage"), mode, p_size))
            wk = qu.get("workers", {})

            def wdem(lines=lines):
                s = V(0.0)
                for l in lines:
                    r = ev.line(l)
                    s = s + r.took * ((1.0 if r.batch else r.peak) / DAY)
                return s

            def scale(dem, lim, q=q, qu=qu, wk=wk):
                if "count" in wk and "rate" in wk and "drain" in qu:
                    e = Est("", wk["rate"], m.rate)
                    if not e.unknown:
                        return {"scale_up_at": num(wk["count"]) * e.p50 / DAY * p_duration(qu["drain"])}
                return {}
            add("queues", q, "workers", kind="workers", unit="jobs/s", demand=wdem,
                limit=lambda q=q: ev.workers(q), detail=scale)
            add("queues", q, "depth", kind="depth", unit="messages", demand=lambda q=q: self.depth(q),
                limit=limit_of(qu.get("max_depth"), mode, num))
            if ("max" in wk and "rate" in wk) or "drain" in qu:
                add("queues", q, "drain", kind="drain", unit="seconds", demand=lambda q=q: self.drain(q),
                    limit=p_duration(qu["drain"]) if "drain" in qu else None)

        for n, md in doc.get("models", {}).items():
            lines = ev.lines_to("inference", n)
            if "price" in md or "budget" in md:
                def spend(n=n):
                    def one(e):
                        return sum((e.line_spend(l) for l in e.lines_to("inference", n)), V(0.0)) * e.m.dpm
                    return self.blend(one(ev), one)
                add("models", n, "spend", kind="spend", unit="money/month", demand=spend,
                    limit=self.budget(md.get("budget")))
            cap = md.get("capacity")
            caps = {}
            if cap is not None:
                if isinstance(cap, dict) and "now" not in cap:
                    caps = cap
                else:
                    caps = {m.model_units(n)[0]: cap}
            for u, c in caps.items():
                r = limit_of(c, mode, m.rate)

                def q(l, u=u):
                    qb = ev.line(l).q
                    return qb if u == "requests" else qb * ev.units(l)[u]
                add("models", n, "rate", u, r.window, kind="rate", unit=f"{u}/{r.window}", limit=r.n,
                    demand=lambda lines=lines, q=q, W=r.seconds: win_sum(lines, q, W))
        return sorted(out, key=lambda x: x.id)


# ----------------------------------------------------------------- judging

BAND = 0.012
QS = {"p50": .5, "p80": .8, "p90": .9, "p95": .95}


def quantile(v, q):
    if not isarr(v):
        return v
    return float(np.quantile(v, q, method="inverted_cdf"))


def quotient(dem, lim):
    if isarr(dem) or isarr(lim):
        dem, lim = np.broadcast_arrays(np.asarray(dem, dtype=float), np.asarray(lim, dtype=float))
        return np.where(lim == 0, np.where(dem == 0, 0.0, INF), dem / np.where(lim == 0, 1.0, lim))
    if lim == 0:
        return 0.0 if dem == 0 else INF
    return dem / lim


def utilization(m, meter):
    """(utilization at the confidence, demand V, limit) of a meter; utilization None without a known limit"""
    dem = meter.demand()
    lim = meter.limit()
    if lim is None or lim == UNKNOWN:
        return None, dem, lim
    lv = lim.v if isinstance(lim, V) else lim
    return quantile(quotient(dem.v, lv), QS[m.confidence]), dem, lv


def verdict(m, kind, when, util, dem, lim):
    lb = anylb(dem.lb)
    if lim == UNKNOWN if isinstance(lim, str) else False:
        return "unknown"
    if lim is None:
        return "breaks" if math.isinf(quantile(dem.v, QS[m.confidence])) else "unlimited"
    if util > m.share(kind, when, "breaks"):
        return "breaks"
    if lb:
        return "unknown"
    return "tight" if util > m.share(kind, when, "tight") else "fits"


RANK = ["breaks", "unknown", "tight", "fits", "unlimited"]


def fin(x):
    if x is None:
        return None
    x = float(x)
    return None if math.isinf(x) or math.isnan(x) else x


def report(m, point_case, draw_case, bp=None):
    """one list of meters; bp(id) gives the breaking point"""
    out = []
    draws = {x.id: x for x in draw_case.meters()} if draw_case is not None else None
    for mt in point_case.meters():
        pdem = mt.demand()
        plim = mt.limit()
        src = draws[mt.id] if draws is not None else mt
        util, dem, lim = utilization(m, src)
        pt = float(pdem.v)
        dd = {"point": fin(pt)}
        for q, f in QS.items():
            dd[q] = fin(quantile(dem.v, f))
        band = {}
        if draw_case is not None:
            # what a value may be when the quantile is off by a little: discrete demands jump
            for q, f in QS.items():
                band[q] = [fin(quantile(dem.v, f - BAND)), fin(quantile(dem.v, f + BAND))]
            if util is not None:
                qv, f = quotient(dem.v, lim), QS[m.confidence]
                band["utilization"] = [fin(quantile(qv, f - BAND)), fin(quantile(qv, f + BAND))]
        plv = None if plim is None or plim == UNKNOWN else (plim.v if isinstance(plim, V) else plim)
        detail = {}
        if mt.detail is not None and math.isfinite(pt):
            detail = mt.detail(pt, plv)
        out.append({
            "id": mt.id, "kind": mt.kind, "unit": mt.unit, "demand": dd,
            "lower_bound": anylb(dem.lb), "limit": fin(plv), "utilization": fin(util),
            "verdict": verdict(m, mt.kind, point_case.when, util, dem, lim),
            "breaking_point": bp(mt.id) if bp else None, "detail": detail,
            "shares": [m.share(mt.kind, point_case.when, "tight"), m.share(mt.kind, point_case.when, "breaks")]})
        if band:
            out[-1]["band"] = band
    return out


def breaking_point(model, world, today, mid, rel=1e-9):
    def util(k):
        c = Case(model, world, 0, k, None, None, today)
        mt = next(x for x in c.meters() if x.id == mid)
        return utilization(model, mt)[0]
    u = util(1.0)
    if u is None:
        return None
    hi = 1e6
    if util(hi) <= 1:
        return None
    lo = hi
    while True:
        lo = hi / 10
        if lo < 1e-12:
            return 0.0
        if util(lo) <= 1:
            break
        hi = lo
    while hi / lo - 1 > rel:
        mid_ = math.sqrt(lo * hi)
        if util(mid_) <= 1:
            lo = mid_
        else:
            hi = mid_
    return lo


def on_disk_verdict(m, meter_id):
    doc = m.doc
    segs = split_path(meter_id)
    if segs[0] == "databases":
        db = doc["databases"][segs[1]]
        c = Case(m, World(0))
        x = (1 + p_ratio(db.get("overhead", 0))) * sum(p_size(doc["tables"][t].get("existing", 0)) for t in c.tables_of(segs[1]))
        lim = limit_of(db.get("storage"), "now", p_size)
    else:
        tb = doc["tables"][segs[1]]
        x = p_size(tb.get("existing", 0))
        lim = limit_of(tb.get("max_size"), "now", p_size)
    u = None if lim is None else quotient(x, lim)
    return verdict(m, "storage", "today", u, V(x), lim)


def scenarios(doc):
    s = doc.get("scenarios")
    if not s:
        return {"10x": {"tenants": 10, "require": "warn"}, "100x": {"tenants": 100, "require": "report"}}
    return s


def lines_report(m, files):
    ev = Ev(m, World(0))
    out = []
    for p, ln in m.lines.items():
        r = ev.line(ln)
        f = lambda x: float(x.v)
        if ln.list == "calls":
            d = {"requested": f(r.O), "reached": f(r.took), "billed": f(r.billed), "credits": f(ev.credits(ln))}
        elif ln.list == "writes":
            d = {"rows": f(r.O * r.q)}
        elif ln.list == "messages":
            d = {"messages": f(r.took), "bytes": f(r.took * ev.msg_size(ln))}
        else:
            d = {"requested": f(r.O), "reached": f(r.took), "billed": f(r.billed), "spend": f(ev.line_spend(ln)),
                 "units": {u: f(r.billed * x) for u, x in ev.units(ln).items()}}
        out.append({"path": p, "feature": ln.feature, "list": ln.list, "target": ln.target,
                    "file": files.get(("features", ln.feature)), "population": f(r.P), "per_day": d,
                    "peak_per_second": f(ev.window(r, r.q, 1.0))})
    return sorted(out, key=lambda x: x["path"])


def load(folder):
    doc, files = {}, {}
    for root, dirs, names in os.walk(folder):
        dirs[:] = sorted(d for d in dirs if not d.startswith("."))
        if "capacity.toml" not in names:
            continue
        fn = os.path.join(root, "capacity.toml")
        rel = os.path.relpath(fn, folder)
        with open(fn, "rb") as fh:
            part = tomllib.load(fh, parse_float=Decimal)
        for sec, body in part.items():
            if sec in ("waivers",):
                continue
            if sec in ("project", "policy", "rules", "scenarios", "risk"):
                if rel != "capacity.toml":
                    raise Bad(f"{rel}: [{sec}] outside the root")
                doc[sec] = body
                continue
            tgt = doc.setdefault(sec, {})
            for n, b in body.items():
                if n in tgt:
                    raise Bad(f"{rel}: {sec}.{n} twice")
                tgt[n] = b
                files[(sec, n)] = rel
    return doc, files


def run(doc, files=None, draws=0, bp_draws=3000, seed=1, with_bp=True, only=None):
    m = Model(doc)
    uncertain = m.uncertain() or any(Model(d).uncertain() for d in [with_set(doc, s) for s in scenarios(doc).values()])
    pw = World(0)
    dw = World(draws, seed) if draws and uncertain else None
    bw = World(bp_draws, seed + 1) if dw is not None else pw
    pc = Case(m, pw)
    dc = Case(m, dw) if dw else None
    bev = Ev(m, bw)
    rel = 1e-4 if dw else 1e-10
    bp = (lambda mid: breaking_point(m, bw, bev, mid, rel)) if with_bp else None
    meters = report(m, pc, dc, bp)
    horizons = []
    for d in m.days:
        horizons.append({"day": d, "meters": report(
            m, Case(m, pw, float(d), 1.0, None, d, pc.ev), Case(m, dw, float(d), 1.0, None, d, dc.ev) if dw else None)})
    scen = []
    for name, raw in sorted(scenarios(doc).items()):
        sdoc = with_set(doc, raw)
        sm = Model(sdoc)
        s = Scen(name, raw, sm)
        scen.append({"name": name, "require": s.require, "meters": report(
            sm, Case(sm, pw, 0, 1.0, s, None, pc.ev), Case(sm, dw, 0, 1.0, s, None, dc.ev) if dw else None)})
    worst = "unlimited"
    for x in meters:
        v = on_disk_verdict(m, x["id"]) if x["kind"] == "storage" else x["verdict"]
        if RANK.index(v) < RANK.index(worst):
            worst = v
    return {"name": m.name, "currency": m.currency, "verdict": worst, "uncertain": uncertain,
            "confidence": m.confidence,
            "lines": lines_report(m, files or {}), "meters": meters, "horizons": horizons, "scenarios": scen}


def with_set(doc, scen):
    if not scen.get("set"):
        return doc
    d = copy.deepcopy(doc)
    for p, v in scen["set"].items():
        apply_set(d, p, copy.deepcopy(v))
    return d


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("dir")
    ap.add_argument("--draws", type=int, default=0)
    ap.add_argument("--bp-draws", type=int, default=3000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--no-bp", action="store_true")
    a = ap.parse_args()
    doc, files = load(a.dir)
    out = {"format": "oracle/1", "projects": [run(doc, files, a.draws, a.bp_draws, a.seed, not a.no_bp)]}
    json.dump(out, sys.stdout, indent=1, default=str)
    print()


if __name__ == "__main__":
    main()
