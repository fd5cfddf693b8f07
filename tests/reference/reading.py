"""What values are written as: counts, ratios, durations, sizes, rates, throughputs and limits."""
import math, re
from decimal import Decimal
from fractions import Fraction


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


DUR = {}
for _seconds, _names in {
    Fraction(1, 1000): "ms", 1: "s sec secs second seconds", 60: "m min mins minute minutes", 3600: "h hr hour hours",
    86400: "d day days", 7 * 86400: "w week weeks", 30 * 86400: "mo month months", 365 * 86400: "y year years",
}.items():
    for _name in _names.split():
        DUR[_name] = _seconds
DUR_PART = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*(%s)\s*" % "|".join(sorted(DUR, key=len, reverse=True)))


def p_duration(x):
    """seconds"""
    if not isinstance(x, str):
        raise Bad(f"duration: {x!r}")
    pos, tot = 0, Fraction(0)
    for m in DUR_PART.finditer(x):
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

def p_growth(x, dpm):
    """`10%/month` -> (ratio, days of its period)"""
    a, _, b = x.partition("/")
    if b.strip() in ("y", "year", "years"):
        return p_ratio(a), 365.0
    return p_ratio(a), float(period(b, dpm)[1] / 86400)


def limit_of(raw, mode, parse):
    """a limit now, or the most it can be; None where there is none"""
    if is_map(raw) and "now" in raw:
        raw = raw.get(mode, raw["now"])
    return None if raw is None or raw == "none" else parse(raw)


def has_max(raw):
    return isinstance(raw, dict) and "max" in raw


def is_map(x):
    """a table that is no estimate"""
    return isinstance(x, dict) and not set(x) & {"p50", "each"}
