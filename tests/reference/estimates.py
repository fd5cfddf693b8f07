"""Estimates and their draws."""
import hashlib, math
from statistics import NormalDist

import numpy as np

from amounts import Each
from reading import Bad, Rate
from values import Z90, V, raw_min



class Est:
    """const | quantiles | unknown, with the path that keys its draws; `each`: the quantiles are of
    a value that differs from one event to the next, and what counts is its mean"""
    __slots__ = ("path", "p10", "p50", "p90", "unknown", "certain", "every", "each")

    def __init__(self, path, raw, parse):
        self.path = path
        self.unknown = False
        self.certain = True
        self.every = False
        self.each = None
        if isinstance(raw, dict) and set(raw) == {"each"}:
            q = Est(path, raw["each"], parse)
            if q.certain:
                raise Bad(f"{path}: no quantiles {raw!r}")
            self.each = Each(q.p10, q.p50, q.p90)
            self.p10 = self.p50 = self.p90 = self.each.mean()
        elif isinstance(raw, str) and raw == "unknown":
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


