"""Amounts that differ from one event to the next: their means, also where each is rounded up to
whole steps or has a minimum; and graduated prices."""
import functools, math
from fractions import Fraction

import numpy as np

from reading import num
from values import INF, Z90, V, isarr, raw_max

MANY_STEPS = 10_000
# What is summed one by one; the mean, and so the median, of what is summed at all lies below it.
SUMMED = 25_000


def upper(z):
    """1 − Φ(z)"""
    if isarr(z):
        return _upper(z)
    return 0.5 * math.erfc(z / math.sqrt(2))


_upper = np.vectorize(lambda z: 0.5 * math.erfc(z / math.sqrt(2)), otypes=[float])


class Each:
    """A split lognormal."""

    def __init__(self, p10, p50, p90):
        self.p50 = p50
        self.above = math.log(p90 / p50) / Z90
        self.below = math.log(p50 / p10) / Z90

    @classmethod
    def of(cls, p50, above, below):
        one = cls(p50, p50, p50)
        one.above, one.below = above, below
        return one

    def scaled(self, factor):
        """the same times a factor above 0"""
        return Each.of(self.p50 * factor, self.above, self.below)

    def mean(self):
        return self.p50 * (math.exp(self.above ** 2 / 2) * upper(-self.above) + math.exp(self.below ** 2 / 2) * upper(self.below))

    def z(self, x):
        """where x > 0 stands as a standard normal: ±∞ beside a half without spread"""
        t = np.log(np.asarray(x, dtype=float) / self.p50)
        return np.where(t >= 0, t / self.above if self.above > 0 else INF, t / self.below if self.below > 0 else -INF)

    def passes(self, x):
        """P(X > x)"""
        return _upper(self.z(x))

    def beyond(self, x):
        """E[X; X > x]"""
        z = self.z(x)
        high = math.exp(self.above ** 2 / 2)
        low = math.exp(self.below ** 2 / 2)
        over = self.p50 * high * _upper(np.maximum(z, 0.0) - self.above)
        under = self.p50 * low * (_upper(np.minimum(z, 0.0) - self.below) - upper(-self.below))
        return over + np.where(z < 0, under, 0.0)

    def floored(self, floor, a, b):
        """E[max(floor, a + b·X)]; numbers or arrays"""
        floor, a, b = (np.asarray(x, dtype=float) for x in (floor, a, b))
        safe = np.where(b > 0, b, 1.0)
        x = (floor - a) / safe
        cut = np.where(x > 0, x, 1.0)
        p = self.passes(cut)
        crossed = floor * (1 - p) + a * p + b * self.beyond(cut)
        v = np.where(b > 0, np.where(x > 0, crossed, a + b * self.mean()), np.maximum(floor, a))
        return v if v.ndim else float(v)

    def steps_floored(self, step, floor, a, b):
        """E[max(floor, a + b·N)] with N = ⌈X/step⌉"""
        if self.mean() > MANY_STEPS * step:
            return self.floored(floor, a + b * 0.5, b / step)
        passes, rest = sums(self.p50, self.above, self.below, step)
        floor, a, b = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (floor, a, b)))
        # The last number of steps that the floor covers; from the next on each step costs b.
        covered = np.where(b > 0, np.floor((floor - a) / np.where(b > 0, b, 1.0)), 0.0)
        j = np.clip(covered, 0, SUMMED - 1).astype(int)
        crossed = floor + (a + b * (j + 1) - floor) * passes[j] + b * rest[j + 1]
        v = np.where(covered < 1, np.maximum(floor, a + b) + b * rest[1], crossed)
        if np.any(covered >= SUMMED):
            n = covered + 1
            far = floor + (a + b * n - floor) * self.passes(covered * step) + b * self.rest(n, step)
            v = np.where(covered >= SUMMED, far, v)
        v = np.where(b > 0, v, np.maximum(floor, a))
        return v if v.ndim else float(v)

    def rest(self, n, step):
        """Σ P(X > k·step) from a large k = n on: the integral, half a term, and the next correction"""
        n = np.asarray(n, dtype=float)
        x = n * step
        p, z = self.passes(x), self.z(x)
        integral = np.maximum(0.0, self.beyond(x) - x * p) / step
        near = np.isfinite(z) & (np.abs(z) < 38)
        spread = np.where(z > 0, self.above, self.below)
        slope = np.where(near, np.exp(-np.where(near, z, 0.0) ** 2 / 2) / math.sqrt(2 * math.pi) / (np.where(near, spread, 1.0) * n), 0.0)
        return integral + p / 2 + slope / 12


@functools.lru_cache(256)
def sums(p50, above, below, step):
    """P(X > k·step) for k from 0, and for each k the sum of those from k on, to infinity"""
    each = Each.of(p50, above, below)
    k = np.arange(1, SUMMED + 1, dtype=float)
    passes = np.concatenate([[1.0], each.passes(k * step)])
    rest = np.empty(SUMMED + 1)
    rest[SUMMED] = float(each.rest(SUMMED, step))
    rest[:SUMMED] = rest[SUMMED] + np.cumsum(passes[:SUMMED][::-1])[::-1]
    return passes, rest


def steps_of(x, step):
    """whole steps, started ones in full; a float's last digits start none"""
    q = (np.asarray(x, dtype=float) if isarr(x) else float(x)) / step
    n = np.ceil(q - 1e-9 * np.maximum(1.0, q))
    n = np.where(np.asarray(x) > 0, np.maximum(1.0, n), 0.0)
    return n if isarr(x) else float(n)


def billed(amount, each, step, floor, a, b, by_step):
    """max(floor, a + b·amount) as V, where `step` is given of whole steps, each at `b` of the
    amount or (`by_step`) of the step. `amount` is a V, or None beside an `Each`."""
    lb = a.lb | b.lb if amount is None else a.lb | b.lb | amount.lb
    if amount is not None:
        if step is None:
            v = a.v + b.v * amount.v
        else:
            v = a.v + b.v * (1.0 if by_step else step) * steps_of(amount.v, step)
        return V(raw_max(v, floor), lb)
    if step is None:
        v = each.floored(floor, a.v, b.v)
    else:
        v = each.steps_floored(step, floor, a.v, b.v * (1.0 if by_step else step))
    return V(v, lb)


# ----------------------------------------------------------------- graduated prices

def graduated(raw, per):
    """[(up to, price of one)] of one price, or of a list of steps"""
    if not isinstance(raw, list):
        return [(INF, float(Fraction(raw) / Fraction(per)))]
    return [(num(x["up_to"]) if "up_to" in x else INF, float(Fraction(x["price"]) / Fraction(x.get("per", per)))) for x in raw]


def cost(steps, units):
    """of so many units, a V"""
    total, below = units * 0.0, 0.0
    for up_to, price in steps:
        part = np.clip(units.v, below, up_to) - below if isarr(units.v) else max(0.0, min(units.v, up_to) - below)
        total = total + V(part * price, units.lb)
        below = up_to
    return total
