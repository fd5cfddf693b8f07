"""Values: a float or numpy array (axis 0 days, axis 1 draws) together with whether an "unknown" reaches it."""
import math

import numpy as np

DAY = 86400.0
Z90 = 1.2815515655446004
INF = math.inf
np.seterr(all="ignore")


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

