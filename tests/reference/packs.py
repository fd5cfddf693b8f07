"""The cheapest packs."""
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np

from values import INF, isarr


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


