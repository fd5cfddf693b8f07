"""The parsed project, and the paths of its values."""
import json, math, re

from amounts import graduated
from estimates import Est
from reading import Bad, is_map, num, p_count, p_duration, p_growth, p_rate, p_ratio
from values import DAY

LISTS = ("calls", "reads", "writes", "messages", "inference")
TARGET = {"calls": "endpoint", "reads": "table", "writes": "table", "messages": "queue", "inference": "model"}
FOLLOWED = ("calls", "messages", "inference")



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


def entry_name(doc, lst, raw):
    """of an entry of a list: its name in paths"""
    return raw["name"] if lst == "packs" else raw["id"] if lst == "limits" else default_id(doc, lst, raw)


def apply_set(doc, spath, value):
    segs = split_path(spath)
    cur = doc
    for i, s in enumerate(segs[:-1]):
        if isinstance(cur, list):
            for item in cur:
                if entry_name(doc, segs[i - 1], item) == s:
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


class Projection:
    """Declared days, linear between and flat after; or a growth, `(ratio, days of its period)`."""

    def __init__(self, points, growth=None):
        self.points, self.growth = points, growth

    @property
    def now(self):
        return self.points[0][1]

    @property
    def last(self):
        return self.points[-1][0]


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
        self.peak_day = num(pr.get("peak_day", 1))
        self.tiers = {t: self.projection(path("tenants", t), v) for t, v in doc.get("tenants", {}).items()}
        self.entities = {}
        for n, e in doc.get("entities", {}).items():
            p = path("entities", n)
            if "count" in e:
                self.entities[n] = ("count", self.projection(p + ".count", e["count"]), bool(e.get("fixed", False)))
            else:
                self.entities[n] = ("per_tenant", self.per_tier(p + ".per_tenant", e["per_tenant"], p_count, 0.0), None)
        projections = list(self.all_projections())
        self.days = sorted({d for pr in projections for d, _ in pr.points if d > 0} | {30, 60, 90})
        self.last_day = max([pr.last for pr in projections], default=0)
        self.grows = any(pr.growth for pr in projections)
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
        if not is_map(raw):
            return Projection([(0, Est(p + ".now", raw, p_count))])
        growth = p_growth(raw["growth"], self.dpm) if "growth" in raw else None
        points = []
        for k, v in raw.items():
            if k != "growth":
                d = 0 if k == "now" else int(re.fullmatch(r"(\d+)d", k).group(1))
                points.append((d, Est(f"{p}.{k}", v, p_count)))
        return Projection(sorted(points, key=lambda t: t[0]), growth)

    def per_tier(self, p, raw, parse, missing):
        """-> function tier -> Est"""
        if is_map(raw):
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
                ln.api = None
                if lst == "calls":
                    ln.api, ln.endpoint = self.resolve_endpoint(raw["endpoint"])
                    ln.target = f"{ln.api}:{ln.endpoint}"
                else:
                    ln.target = raw[TARGET[lst]]
                ln.feature_tiers = feat.get("tenants", list(self.tiers))
                ln.tiers = raw.get("tenants", ln.feature_tiers)
                self.lines[ln.path] = ln
                if lst in FOLLOWED:
                    self.by_feature.setdefault(f, {})[ln.id] = ln

    def parent(self, ln):
        return self.by_feature[ln.feature][ln.raw["after"]] if "after" in ln.raw else None

    def followers(self, ln):
        return [x for x in self.lines.values() if x.raw.get("after") == ln.id and self.parent(x) is ln]

    def model_units(self, n):
        md = self.doc["models"][n]
        units = []
        price = md.get("price")
        if isinstance(price, dict):
            units += [k for k in price if k != "per"]
        elif price is not None:
            units.append(md.get("unit", "units"))
        cap = md.get("capacity")
        if is_map(cap) and "now" not in cap:
            units += [k for k in cap]
        elif cap is not None and not isinstance(price, dict):
            units.append(md.get("unit", "units"))
        units = [u for u in dict.fromkeys(units) if u != "requests"]
        return units or [md.get("unit", "units")]

    def prices(self, n):
        """unit -> graduated prices of one"""
        md = self.doc["models"][n]
        price = md.get("price")
        if price is None:
            return {}
        if isinstance(price, dict):
            return {u: graduated(p, price.get("per", 1)) for u, p in price.items() if u != "per"}
        return {md.get("unit", "units"): graduated(price, 1)}

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
            if kind == "spend" and which == "tight":
                return 0.9
            return {"tight": 0.75, "breaks": 1.0}[which]
        return {"tight": 0.9, "breaks": 1.0}[which]

    def uncertain(self):
        def walk(x):
            if isinstance(x, dict):
                return "each" not in x and (("p50" in x and "p90" in x) or any(walk(v) for v in x.values()))
            if isinstance(x, list):
                return any(walk(v) for v in x)
            return False
        return any(walk(self.doc.get(s, {})) for s in
                   ("tenants", "entities", "apis", "features", "databases", "tables", "queues", "models"))


def path_join(p, seg):
    return p + "." + key(seg)


