"""What queues hold, and how soon it is gone."""
import numpy as np

from model import path
from reading import limit_of, num, p_count, p_duration, p_size
from values import DAY, INF, V, isarr, orr, raw_div, vdiv, vmax, vmin


class Queues:
    """The part of a Case about queues."""

    def depth(self, q):
        raw = self.m.doc["queues"][q]
        ev = self.ev
        if "depth" in raw:
            d = ev.est(path("queues", q) + ".depth", raw["depth"], p_count)
            if self.today is not None:
                d = d * vdiv(ev.mean_messages(q), self.today.ev.mean_messages(q), 1.0)
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
            return self.kafka_bytes(q) * num(raw.get("replication", 1))
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

    def kafka_bytes(self, q):
        """what is kept, before it is replicated"""
        raw, mean = self.m.doc["queues"][q], self.ev.mean_bytes(q)
        if "compact" in raw:
            return self.ev.compacted(q) * self.ev.queue_size(q)
        terms = []
        if "retention" in raw:
            terms.append(mean * p_duration(raw["retention"]))
        if "retention_bytes" in raw:
            terms.append(V(self.partition_bytes(raw)))
        if not terms:
            return V(np.where(mean.v > 0, INF, 0.0) if isarr(mean.v) else (INF if mean.v > 0 else 0.0), mean.lb)
        return terms[0] if len(terms) == 1 else vmin(*terms)

    def partition_bytes(self, raw):
        return limit_of(raw["partitions"], self.mode, num) * p_size(raw["retention_bytes"])

    def kept_for(self, q):
        """seconds after which messages go; None where nothing says or nothing is sent"""
        raw, mean = self.m.doc["queues"][q], float(self.ev.mean_bytes(q).v)
        if raw["broker"] != "kafka" or "compact" in raw or not mean > 0:
            return None
        terms = [p_duration(raw["retention"])] if "retention" in raw else []
        if "retention_bytes" in raw:
            terms.append(self.partition_bytes(raw) / mean)
        return min(terms, default=None)
