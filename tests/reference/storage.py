"""Bytes of tables and databases."""
import math

import numpy as np

from lines import Ev
from model import path
from reading import num, p_duration, p_ratio, p_size
from values import DAY, INF, V, anylb, isarr, vmax

# Days that are evaluated at a time, where there are draws.
CHUNK = 32


class Storage:
    """The part of a Case that looks ahead."""

    def growing_rows(self, t, ages):
        """rows of a table of each age, in days from the horizon back, at the tenants of the day they were written on"""
        days, H = self.days_evaluated, self.H
        if days == 0:
            rows = self.ev.rows(t)
            return [rows * max(0.0, min(high, H) - min(low, H)) for low, high in ages]
        totals = [V(0.0) for _ in ages]
        chunk = CHUNK if self.w.n else days
        for first in range(0, days, chunk):
            d = np.arange(first, min(first + chunk, days), dtype=float)
            rows = self.series(first, len(d)).rows(t)
            shape = (len(d), 1)
            youngest = H - d - 1
            if first + len(d) == days:
                youngest[-1] = 0.0
            for i, (low, high) in enumerate(ages):
                w = np.clip(np.minimum(H - d, high) - np.maximum(np.maximum(youngest, 0.0), low), 0, None)[:, None]
                v = (w * rows.v).sum(axis=0)
                lb = anylb(np.broadcast_to(rows.lb, shape) & (w > 0))
                totals[i] = totals[i] + V(v if self.w.n else float(v[0]), lb)
        return totals

    def series(self, first, n):
        """the days from `first` on; all at a time are kept where nothing is drawn"""
        if self.w.n == 0:
            if self._series is None:
                self._series = Ev(self.m, self.w, np.arange(n, dtype=float)[:, None], self.ev.k, self.scen)
            return self._series
        return Ev(self.m, self.w, np.arange(first, first + n, dtype=float)[:, None], self.ev.k, self.scen)

    @property
    def days_evaluated(self):
        """0 where all days are alike; else the last is as all that follow"""
        if self.scen is not None or not (self.m.grows or self.m.last_day):
            return 0
        return max(1, self.H) if self.m.grows else self.m.last_day + 1

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

    def existing(self, t):
        return p_size(self.m.doc["tables"][t].get("existing", 0))

    def state_bytes(self, t, ev):
        return vmax(ev.state_rows(t) * ev.row_size(t), self.existing(t))

    @property
    def is_passing(self):
        """an event that lasts: what is stored is today's"""
        return self.scen is not None and self.scen.lasts is not None

    def table_bytes(self, t):
        if self.is_passing and t in self.today.m.doc.get("tables", {}):
            return self.today.table_bytes(t)
        H = self.H
        if self.m.doc["tables"][t]["kind"] == "state":
            ev = self.ev if self.scen is not None else Ev(self.m, self.w, float(H), self.ev.k)
            return self.state_bytes(t, ev)
        K, A, r = self.keep(t)
        rows = self.growing_rows(t, [(0.0, min(A, K))] + ([(A, K)] if A < K else []))
        tot = rows[0] + rows[1] * r if A < K else rows[0]
        return self.ev.row_size(t) * tot + self.existing(t) * max(0.0, 1 - H / K)

    def tables_of(self, d):
        dbs = self.m.doc.get("databases", {})
        only = next(iter(dbs)) if len(dbs) == 1 else None
        return [t for t, tb in self.m.doc.get("tables", {}).items() if tb.get("database", only) == d]

    def overhead(self, d):
        return 1 + p_ratio(self.m.doc["databases"][d].get("overhead", 0))

    def database_bytes(self, d):
        if self.is_passing:
            return self.today.database_bytes(d)
        return sum((self.table_bytes(t) for t in self.tables_of(d)), V(0.0)) * self.overhead(d)

    # --- on disk today
    def table_now(self, t):
        """on disk at the start of the case; of a state table its formula on day 0"""
        if self.m.doc["tables"][t]["kind"] == "state":
            return self.state_bytes(t, self.ev)
        return V(self.existing(t))

    def database_now(self, d):
        return sum((self.table_now(t) for t in self.tables_of(d)), V(0.0)) * self.overhead(d)

    def table_detail(self, t):
        return self.storage_detail(lambda c: c.bytes_series(t), lambda c: c.table_now(t))

    def database_detail(self, d):
        def series(c):
            return c.overhead(d) * sum((c.bytes_series(t) for t in c.tables_of(d)), np.zeros(c.H + 1))
        return self.storage_detail(series, lambda c: c.database_now(d))

    def storage_detail(self, series, on_disk):
        def detail(dem, lim):
            now = float(on_disk(self.today or self).v)
            share = None if lim is None or (lim == 0 and now > 0) else 0.0 if lim == 0 else now / lim
            case = self.today if self.is_passing else self
            return {"full_on_day": self.full_day(series(case), lim), "now": now, "now_utilization": share, "day": case.H}
        return detail

    def bytes_series(self, t):
        """point bytes at every whole day 0..H (points only)"""
        days = self.days_evaluated
        h = np.arange(self.H + 1, dtype=float)
        idx = np.minimum(np.arange(self.H + 1), max(0, days - 1))

        def daily(x, idx=idx):
            v = np.asarray(x.v, dtype=float)
            return v[idx, 0] if v.ndim == 2 else np.full(self.H + 1, float(v))
        if self.m.doc["tables"][t]["kind"] == "state":
            ev = self.ev if days == 0 else Ev(self.m, self.w, h[:, None], self.ev.k)
            return np.maximum(daily(ev.state_rows(t), np.arange(self.H + 1)) * self.ev.row_size(t).v, self.existing(t))
        rows = daily((self.ev if days == 0 else self.series(0, days)).rows(t))
        C = np.concatenate([[0.0], np.cumsum(rows)])[: self.H + 1]

        def at(x):
            return np.interp(np.maximum(0.0, x), h, C)
        K, A, r = self.keep(t)
        tot = C - at(h - min(A, K))
        if A < K:
            tot = tot + r * (at(h - A) - at(h - K))
        return self.ev.row_size(t).v * tot + self.existing(t) * np.maximum(0.0, 1 - h / K)

    def full_day(self, series, limit):
        if limit is None:
            return None
        over = series > self.m.share("storage", self.when, "breaks") * limit * (1 + 1e-12)
        i = int(np.argmax(over))
        return i if over[i] else None

    # --- throughput
    def database_writes(self, d):
        s = V(0.0)
        for t in self.tables_of(d):
            tb = self.m.doc["tables"][t]
            entries = 1 + num(tb.get("indexes", 0))
            if tb["kind"] == "rollup":
                s = s + self.ev.rows(t) * (entries / DAY)
            else:
                for l in self.ev.lines_to("writes", t):
                    s = s + self.ev.window(self.ev.line(l), self.ev.line(l).q, 1.0) * entries
        return s

    def read_lines(self, d):
        return [l for t in self.tables_of(d) for l in self.ev.lines_to("reads", t)]
