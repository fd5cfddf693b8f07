#!/usr/bin/env python3
"""Compare a caplint binary with the oracle on random projects.

    python3 compare.py --caplint BIN --seeds A..B [--certain] [--edges] [--draws N] [--small|--large]
    python3 compare.py --caplint BIN --dir PROJECT [--draws N]

--without KEY,... (or the environment's WITHOUT) leaves keys out of the projects, see generate.KEYS;
--ignore GLOB,... leaves out differences of these categories (`detail-kept_for`) and meters
(`budgets.*`), for what a binary does not know yet.

Projects that differ are kept under --keep (default /tmp/caplint-reference) with
both reports. Tolerances: points 1e-9, breaking points 2e-6 (certain) or 3 %,
percentiles and utilization 2 % (p95 4 %) around the oracle's own quantile band.
"""
import argparse, collections, fnmatch, json, math, os, shutil, subprocess, sys, tempfile, time

import generate, oracle

FILE_RULES = {"syntax", "unknown-key", "invalid-value", "missing-key", "duplicate-name", "unknown-reference",
              "reference-cycle", "outside-project", "version-too-old"}


def close(a, b, rel, abs_=1e-12):
    if a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return a == b
    return abs(a - b) <= max(rel * max(abs(a), abs(b)), abs_)


class Diff:
    def __init__(self, ignored=()):
        self.items = []   # (category, where, oracle, caplint)
        self.ignored = ignored

    def add(self, cat, where, o, c):
        about = (cat, *str(where).split(" "))
        if not any(fnmatch.fnmatchcase(x, g) for x in about for g in self.ignored):
            self.items.append((cat, where, o, c))

    def num(self, cat, where, o, c, rel=1e-9):
        if not close(o, c, rel):
            self.add(cat, where, o, c)


def cmp_lines(d, ol, cl):
    o = {x["path"]: x for x in ol}
    c = {x["path"]: x for x in cl}
    if list(c) != sorted(c):
        d.add("line-order", "lines", sorted(c)[:3], list(c)[:3])
    for p in sorted(set(o) | set(c)):
        if p not in o or p not in c:
            d.add("line-set", p, p in o, p in c)
            continue
        a, b = o[p], c[p]
        for k in ("feature", "list", "target", "file"):
            if a[k] != b.get(k):
                d.add("line-" + k, p, a[k], b.get(k))
        d.num("population", p, a["population"], b["population"])
        d.num("peak_per_second", p, a["peak_per_second"], b["peak_per_second"])
        for k, v in a["per_day"].items():
            w = b["per_day"].get(k)
            if k in ("units", "billed_units"):
                w = dict(w or {})
                rq = w.pop("requests", None)
                if rq is not None and "requests" not in v:
                    d.num("line-requests", p, a["per_day"]["billed"], rq)
                if set(v) != set(w):
                    d.add("line-" + k, p, sorted(v), sorted(w))
                for u in set(v) & set(w):
                    d.num("line-" + k, f"{p} {u}", v[u], w[u])
            else:
                d.num("line-" + k, p, v, w)
        if set(b["per_day"]) - set(a["per_day"]):
            d.add("line-keys", p, sorted(a["per_day"]), sorted(b["per_day"]))


def in_band(x, band, rel, sub=None):
    lo, hi = band
    if x is None:
        return hi is None
    if lo is None:
        return False
    return x >= lo * (1 - rel) - 1e-12 and (hi is None or x <= hi * (1 + rel) + 1e-12)


def bp_plausible(opt, mid, k):
    """whether the oracle's draws put the break at about k, its quantile being off by a little"""
    if k is None or k == 0:
        return False
    m = oracle.Model(opt.doc)
    w = oracle.World(opt.draws, 99)
    today = oracle.Case(m, w)

    def q(k, off):
        mt = next(x for x in oracle.Case(m, w, 0, k, None, None, today).meters(mid) if x.id == mid)
        lim = mt.limit()
        lim = lim.v if isinstance(lim, oracle.V) else lim
        f = min(0.9999, oracle.QS[m.confidence] + off)
        return oracle.quantile(oracle.quotient(mt.demand().v, lim), f)
    return q(k * 0.97, -0.015) <= 1 and q(k * 1.03, 0.015) >= 1


def cmp_meters(d, where, om, cm, opt, mode):
    """mode: certain | draws | points"""
    o = {x["id"]: x for x in om}
    c = {x["id"]: x for x in cm}
    if list(c) != sorted(c):
        d.add("meter-order", where, sorted(c)[:3], list(c)[:3])
    for i in sorted(set(o) | set(c)):
        w = f"{where} {i}"
        if i not in o or i not in c:
            d.add("meter-set", w, "present" if i in o else "absent", "present" if i in c else "absent")
            continue
        a, b = o[i], c[i]
        if a["kind"] != b["kind"]:
            d.add("kind", w, a["kind"], b["kind"])
        if a["unit"] != b["unit"] and not opt.no_units:
            d.add("unit", a["kind"], a["unit"], b["unit"])
        d.num("point", w, a["demand"]["point"], b["demand"]["point"])
        if a["lower_bound"] != b["lower_bound"]:
            d.add("lower_bound", w, a["lower_bound"], b["lower_bound"])
        d.num("limit", w, a["limit"], b["limit"])
        for k in sorted(set(a["detail"]) | set(b["detail"] or {})):
            x, y = a["detail"].get(k), (b["detail"] or {}).get(k)
            if x is None and y is None:
                continue
            d.num("detail-" + k, w, x, y)
        if mode == "points":
            continue
        if mode == "certain":
            for p in oracle.QS:
                d.num("percentile-certain", f"{w} {p}", a["demand"][p], b["demand"].get(p))
            d.num("utilization", w, a["utilization"], b["utilization"])
            if a["verdict"] != b["verdict"]:
                d.add("verdict", w, (a["verdict"], a["utilization"]), (b["verdict"], b["utilization"]))
            d.num("breaking_point", w, a["breaking_point"], b["breaking_point"], 2e-6)
            continue
        for p in oracle.QS:
            if not in_band(b["demand"].get(p), a["band"][p], 0.04 if p == "p95" else 0.02) and \
               not close(a["demand"][p], b["demand"].get(p), 0.04 if p == "p95" else 0.02):
                d.add("percentile-" + p, w, a["demand"][p], b["demand"].get(p))
        ub = a["band"].get("utilization")
        if ub is None:
            d.num("utilization", w, a["utilization"], b["utilization"])
        elif not in_band(b["utilization"], ub, 0.02) and not close(a["utilization"], b["utilization"], 0.02):
            d.add("utilization-draws", w, a["utilization"], b["utilization"])
        if a["verdict"] != b["verdict"]:
            near = ub is not None and any(
                (ub[0] or 0) * .98 <= s and (ub[1] is None or s <= ub[1] * 1.02) for s in a["shares"])
            if not near:
                d.add("verdict", w, (a["verdict"], a["utilization"]), (b["verdict"], b["utilization"]))
        x, y = a["breaking_point"], b["breaking_point"]
        if not close(x, y, 0.03) and not bp_plausible(opt, i, y):
            d.add("breaking_point-draws", w, x, y)


def on_day(detail, day):
    """what a day says that is the same as today but for itself"""
    return detail | {"day": day} if "day" in (detail or {}) else detail


def limited(meters):
    """Those that a report writes of a day to come, or of a scenario."""
    return [m for m in meters if m["verdict"] != "unlimited"]


def compare(orep, crep, opt):
    d = Diff(generate.listed(opt.ignore))
    for f in (crep.get("projects") or [{}])[0].get("findings", []):
        if f["rule"] in FILE_RULES:
            d.add("rejected", f"{f['rule']} {f.get('file')}:{f.get('line')} {f.get('subject')}", "valid", f["message"])
    if len(crep.get("projects", [])) != 1:
        d.add("projects", "", 1, len(crep.get("projects", [])))
        return d
    o, c = orep, crep["projects"][0]
    mode = "certain" if not o["uncertain"] else "draws" if opt.draws else "points"
    if o["name"] is not None and o["name"] != c["name"]:
        d.add("name", "", o["name"], c["name"])
    if o["currency"] != c["currency"]:
        d.add("currency", "", o["currency"], c["currency"])
    cmp_lines(d, o["lines"], c["lines"])
    cmp_meters(d, "today", o["meters"], c["meters"], opt, mode)
    oh, ch = {h["day"]: h for h in o["horizons"]}, {h["day"]: h for h in c["horizons"]}
    if list(oh) != list(ch):
        d.add("horizon-days", "", list(oh), list(ch))
    for t in sorted(set(oh) & set(ch)):
        if ch[t].get("same_as_today"):
            same = [m | {"breaking_point": None, "detail": on_day(m["detail"], t)} for m in limited(c["meters"])]
            cmp_meters(d, f"day {t}", limited(oh[t]["meters"]), same, opt, mode)
        else:
            cmp_meters(d, f"day {t}", limited(oh[t]["meters"]), ch[t]["meters"], opt, mode)
    os_, cs = {h["name"]: h for h in o["scenarios"]}, {h["name"]: h for h in c["scenarios"]}
    if list(os_) != list(cs):
        d.add("scenario-names", "", list(os_), list(cs))
    for n in sorted(set(os_) & set(cs)):
        if os_[n]["require"] != cs[n]["require"]:
            d.add("require", n, os_[n]["require"], cs[n]["require"])
        cmp_meters(d, f"scenario {n}", limited(os_[n]["meters"]), cs[n]["meters"], opt, mode)
    if mode == "certain" and o["verdict"] != c["verdict"]:
        d.add("project-verdict", "", o["verdict"], c["verdict"])
    return d


def run_bin(opt, folder):
    t = time.time()
    p = subprocess.run([opt.caplint, "check", "--format", "json", "--exit-zero", "--as-of", "2026-11-22"], cwd=folder,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    if p.returncode != 0:
        raise RuntimeError(f"exit {p.returncode}: {p.stderr.decode(errors='replace')[-600:]}")
    return json.loads(p.stdout), time.time() - t


def one(opt, label, folder, total):
    doc, files = oracle.load(folder)
    opt.doc = doc
    t = time.time()
    orep = oracle.run(doc, files, opt.draws, opt.bp_draws)
    ot = time.time() - t
    try:
        crep, ct = run_bin(opt, folder)
    except Exception as e:
        total["binary-failed"] += 1
        print(f"{label}: {type(e).__name__}: {e}   ({folder})")
        return False
    d = compare(orep, crep, opt)
    with open(os.path.join(folder, "..", os.path.basename(folder) + ".oracle.json"), "w") as fh:
        json.dump(orep, fh, indent=1)
    with open(os.path.join(folder, "..", os.path.basename(folder) + ".caplint.json"), "w") as fh:
        json.dump(crep, fh, indent=1)
    if not d.items:
        if opt.verbose:
            print(f"{label}: same ({len(orep['meters'])} meters, {len(orep['lines'])} lines; oracle {ot:.2f} s, caplint {ct:.2f} s)")
        return True
    cats = collections.Counter(x[0] for x in d.items)
    total.update(cats)
    print(f"{label}: {len(d.items)} differences {dict(cats)}  ({folder})")
    shown = collections.Counter()
    for cat, where, o, c in d.items:
        if sum(shown.values()) >= opt.show:
            break
        if shown[cat] < opt.per_category:
            shown[cat] += 1
            print(f"    {cat:22} {where}: oracle {o!r} caplint {c!r}")
    return False


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--caplint", required=True)
    ap.add_argument("--seeds", default="1..100")
    ap.add_argument("--dir")
    ap.add_argument("--certain", action="store_true")
    ap.add_argument("--draws", type=int, default=0)
    ap.add_argument("--bp-draws", type=int, default=3000)
    ap.add_argument("--small", action="store_true")
    ap.add_argument("--large", action="store_true")
    ap.add_argument("--keep", default="/tmp/caplint-reference")
    ap.add_argument("--show", type=int, default=8, help="differences shown per seed")
    ap.add_argument("--per-category", type=int, default=2)
    ap.add_argument("--no-units", action="store_true", help="don't compare the meters' unit strings")
    ap.add_argument("--edges", action="store_true", help="odd values in odd places, see edges.py")
    ap.add_argument("--without", default=os.environ.get("WITHOUT", ""))
    ap.add_argument("--ignore", default=os.environ.get("IGNORE", ""))
    ap.add_argument("--verbose", action="store_true")
    opt = ap.parse_args()
    opt.caplint = os.path.abspath(opt.caplint)
    total = collections.Counter()
    if opt.dir:
        work = tempfile.mkdtemp()
        folder = os.path.join(work, "project")
        shutil.copytree(opt.dir, folder)
        sys.exit(0 if one(opt, opt.dir, folder, total) else 1)
    a, _, b = opt.seeds.partition("..")
    seeds = range(int(a), int(b or a) + 1)
    same = 0
    os.makedirs(opt.keep, exist_ok=True)
    for s in seeds:
        folder = os.path.join(opt.keep, f"seed-{s}")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            generate.generate(s, folder, opt.certain, "small" if opt.small else "large" if opt.large else None, opt.edges, generate.listed(opt.without))
            ok = one(opt, f"seed {s}", folder, total)
        except Exception as e:
            print(f"seed {s}: oracle {type(e).__name__}: {e}  ({folder})")
            total["oracle-failed"] += 1
            ok = False
        if ok:
            same += 1
            shutil.rmtree(folder, ignore_errors=True)
            for e in ("oracle", "caplint"):
                p = os.path.join(opt.keep, f"seed-{s}.{e}.json")
                if os.path.exists(p):
                    os.remove(p)
    print(f"{same} of {len(seeds)} projects the same; differences by category: {dict(total.most_common())}")
    sys.exit(0 if same == len(seeds) else 1)


if __name__ == "__main__":
    main()
