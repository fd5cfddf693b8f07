"""Invariants of the oracle over random projects: python3 selfcheck.py A..B"""
import math, sys, tempfile, shutil
import numpy as np
import oracle as o, generate
a, b = map(int, sys.argv[1].split(".."))
bad = n = 0
for s in range(a, b + 1):
    d = tempfile.mkdtemp()
    generate.generate(s, d, s % 2 == 0, ["small", "medium", "large"][s % 3])
    doc, files = o.load(d)
    m = o.Model(doc)
    c = o.Case(m, o.World(0))
    for t in doc.get("tables", {}):
        x, y = c.table_bytes(t).v, c.bytes_series(t)[-1]
        n += 1
        if not math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-6):
            bad += 1; print(s, t, "bytes", x, y)
    # brute-force rows: hour steps
    for t, tb in doc.get("tables", {}).items():
        if tb["kind"] == "state": continue
        K, A, r = c.keep(t)
        rows = [float(o.Ev(m, o.World(0), float(day)).rows(t).v) for day in range(0, c.H)]
        tot = 0.0
        for day in range(c.H):
            for q in range(24):
                age = c.H - (day + (q + .5) / 24)
                if age < K:
                    tot += rows[day] / 24 * (r if age > A else 1)
        tot = tot * c.ev.row_size(t).v + o.p_size(tb.get("existing", 0)) * max(0, 1 - c.H / K)
        n += 1
        if not math.isclose(tot, c.table_bytes(t).v, rel_tol=1e-6, abs_tol=1e-6):
            bad += 1; print(s, t, "brute", tot, c.table_bytes(t).v, K, A, c.H)
        if c.H > 200: break
    # breaking points hold
    for mt in c.meters():
        u = o.utilization(m, mt)[0]
        if u is None: continue
        k = o.breaking_point(m, o.World(0), c, mt.id)
        def at(k): return o.utilization(m, next(x for x in o.Case(m, o.World(0), 0, k, None, None, c).meters() if x.id == mt.id))[0]
        n += 1
        if k is None: ok = at(1e6) <= 1
        elif k == 0: ok = at(1e-12) > 1
        else: ok = at(k) <= 1 < at(k * 1.00001)
        if ok and u < 1 and k is not None and k < 1: ok = False
        if not ok:
            bad += 1; print(s, mt.id, "bp", k, u)
    shutil.rmtree(d)
print(n, "checks", bad, "bad")
