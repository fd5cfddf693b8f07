"""Percentiles, utilization, verdicts and breaking points."""
import math

import numpy as np

from meters import UNKNOWN, Case
from values import INF, V, anylb, isarr

# What is over by less is a float's last digits.
OVER = 1 + 1e-12
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
    if util > m.share(kind, when, "breaks") * OVER:
        return "breaks"
    if lb:
        return "unknown"
    return "tight" if util > m.share(kind, when, "tight") * OVER else "fits"


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
        if mt.on_disk is not None and point_case.when == "today":
            now = mt.on_disk()
            out[-1]["on_disk"] = verdict(m, "storage", "today", None if plv is None else quotient(now.v, plv), now, plim)
        if band:
            out[-1]["band"] = band
    return out


def breaking_point(model, world, today, mid, rel=1e-9):
    def meter(k):
        return next(x for x in Case(model, world, 0, k, None, None, today).meters(mid) if x.id == mid)

    def util(k):
        return utilization(model, meter(k))[0]
    u = util(1.0)
    if u is None:
        return None
    if meter(1.0).per_member:
        # Of one member: more of them change nothing.
        return 0.0 if u > OVER else None
    hi = 1e6
    if util(hi) <= OVER:
        return None
    lo = hi
    while True:
        lo = hi / 10
        if lo < 1e-12:
            return 0.0
        if util(lo) <= OVER:
            break
        hi = lo
    while hi / lo - 1 > rel:
        mid_ = math.sqrt(lo * hi)
        if util(mid_) <= OVER:
            lo = mid_
        else:
            hi = mid_
    return lo


def worst(meters):
    """of today's: storage by what is on disk"""
    return min((x.get("on_disk", x["verdict"]) for x in meters), key=RANK.index, default="unlimited")
