"""Values as a person writes them: the same amount in one of its spellings."""
import math, random

import oracle
from toml_out import Num, fmt


class Spelling:
    def ch(self, p):
        return self.r.random() < p

    def has(self, key, p):
        """whether something is drawn that can be left out, see generate.KEYS"""
        return self.ch(p) and key not in self.without

    def log(self, lo, hi):
        return math.exp(self.r.uniform(math.log(lo), math.log(hi)))

    def num(self, x):
        """spell a count"""
        s = fmt(x)
        if "." not in s and len(s) > 3 and self.ch(0.4):
            return Num(f"{int(s):_}")
        return Num(s)

    def ratio(self, x):
        s = fmt(x * 100)
        if self.ch(0.5):
            return s + "%"
        return Num(fmt(x))

    def dur(self, sec):
        """a duration near sec seconds"""
        opts = [("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604800), ("mo", 2592000), ("y", 31536000)]
        opts = [(u, s) for u, s in opts if s <= sec and sec / s < 2000] or [("s", 1)]
        u, s = self.r.choice(opts[-2:])
        n = max(1, round(sec / s))
        i = [o[0] for o in [("s",), ("m",), ("h",), ("d",)]]
        names = {"s": ["sec", "seconds"], "m": ["min", "minutes"], "h": ["hour", "hours"], "d": ["day", "days"], "w": ["weeks"],
                 "mo": ["month"], "y": ["year"]}
        if self.ch(0.15) and u in ("d", "h", "m"):
            low, part = {"d": ("h", 12), "h": ("m", 30), "m": ("s", 30)}[u]
            return f"{n}{u}{part}{low}"
        if self.has("spellings", 0.2):
            u = self.r.choice(names[u])
        return f"{n}{u}"

    def short(self, sec):
        """a duration of milliseconds to minutes"""
        if "spellings" in self.without:
            return f"{max(1, round(sec))}s"
        return f"{max(1, round(sec * 1000))}ms" if sec < 10 else self.dur(sec)

    def each(self, x, spell, p=0.2):
        """an amount around x that differs from event to event, or an estimate"""
        if not (x > 0 and self.has("each", p)):
            return self.est(x, spell)
        o = {"p50": spell(x), "p90": spell(x * self.r.uniform(1.1, self.eachmax))}
        if self.ch(0.5):
            o = {"p10": spell(x / self.r.uniform(1.1, self.eachmax)), **o}
        return {"each": o} if self.ordered(o) else spell(x)

    def size_(self, b):
        if b < 1:
            b = 1
        if self.ch(0.12):
            return Num(str(int(round(b))))
        us = [("B", 1), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1024 ** 2), ("GiB", 1024 ** 3), ("TiB", 1024 ** 4)]
        us = [(u, s) for u, s in us if s <= b and b / s < 5000] or [("B", 1)]
        u, s = self.r.choice(us)
        x = fmt(b / s)
        if u == "B":
            x = str(max(1, int(float(x))))
        return x + u

    PER = {"s": ["s", "sec", "second"], "min": ["min", "minute"], "h": ["h", "hour", "hours"], "day": ["day", "d", "day", "day"],
           "week": ["week", "w"], "month": ["month", "mo"]}

    def spell_n(self, x):
        s = fmt(x)
        if self.ch(0.25):
            for suf, m in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
                if x >= m:
                    return fmt(float(s) / m) + suf
        if "." not in s and len(s) > 3 and self.ch(0.3):
            return f"{int(s):_}"
        return s

    def rate_in(self, n, per):
        return f"{self.spell_n(n)}/{per}"

    def est(self, x, spell, dist=None, p_est=None, p_unknown=None):
        """an estimate around x of a type spelled by spell(x)"""
        if self.ch(self.p_unknown if p_unknown is None else p_unknown):
            return "unknown"
        if x > 0 and self.ch(self.p_est if p_est is None else p_est):
            up = self.r.uniform(1.05, self.spreadmax)
            for _ in range(20):
                o = {}
                if self.ch(0.5):
                    o["p10"] = spell(x / self.r.uniform(1.05, self.spreadmax))
                o["p50"] = spell(x)
                o["p90"] = spell(x * up)
                if self.ordered(o):
                    return o
        return spell(x)

    def ordered(self, o):
        def f(v):
            if isinstance(v, Num):
                return float(v.replace("_", ""))
            if isinstance(v, str):
                if v.endswith("%"):
                    return oracle.p_ratio(v)
                if "/" in v or v.startswith("every"):
                    return oracle.p_rate(v, 30).per_day
                try:
                    return oracle.p_size(v)
                except oracle.Bad:
                    return oracle.p_duration(v)
            return float(v)
        q = [f(o[k]) for k in ("p10", "p50", "p90") if k in o]
        return q[0] > 0 and all(a <= b for a, b in zip(q, q[1:]))

    def steady_rate(self, per_day):
        name = self.r.choice(["s", "min", "h", "day", "day", "day", "week", "month", "dur"])
        if name == "dur":
            odd = [] if "spellings" in self.without else ["15min", "2hours", "500ms", "1day12h"]
            d = self.r.choice(["15m", "2h", "10s", "1d12h", "90s", "3d"] + odd)
            sec = oracle.p_duration(d)
            f = lambda x: f"{fmt(x * sec / 86400)}/{d}"
        else:
            sp = self.r.choice(self.PER[name])
            sec = {"s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800, "month": 2592000}[name]
            f = lambda x: f"{self.spell_n(x * sec / 86400)}/{sp}"
        return self.est(per_day, f)

    EVERY = [("every 15m", 900), ("every 1h", 3600), ("every 6h", 21600), ("every day", 86400), ("every 1d", 86400),
             ("every 5m", 300), ("every week", 604800), ("every 90m", 5400), ("every hour", 3600), ("every 1d12h", 129600),
             ("every month", 2592000), ("every 12h", 43200), ("every 20s", 20)]

    def batch_rate(self):
        e, s = self.r.choice(self.EVERY)
        if self.ch(self.p_est):
            fast = self.dur(s / self.r.uniform(1.1, self.spreadmax))
            slow = self.dur(s * self.r.uniform(1.1, self.spreadmax))
            o = {}
            if self.ch(0.5):
                o["p10"] = "every " + slow
            o["p50"] = e
            o["p90"] = "every " + fast
            dpm = float(self.doc.get("project", {}).get("days_per_month", 30))
            f = [oracle.p_rate(o[k], dpm).per_day for k in ("p10", "p50", "p90") if k in o]
            if all(a <= b for a, b in zip(f, f[1:])):
                return o, s
        return e, s

    def limit(self, x, spell, p_max=0.35, up=None, none=True):
        if none and self.has("none", 0.06):
            return self.r.choice(["none", {"now": spell(x), "max": "none"}])
        if self.ch(p_max):
            more, now = up or self.r.choice([1, 1.5, 3, 8, 20]), spell(x)
            return {"now": now, "max": now if more == 1 else spell(x * more)}
        return spell(x)

    def util(self):
        """a utilization to aim a limit at"""
        return self.r.choice([self.log(0.05, 0.7), self.log(0.6, 1.3), self.log(1, 8), self.log(0.01, 0.2), self.log(0.5, 1.0)])

    def name(self, base, i):
        if self.ch(0.04):
            return f"{base}.v{i}"
        return self.r.choice([f"{base}-{i}", f"{base}_{i}", f"{base}{i}"])

