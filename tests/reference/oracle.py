#!/usr/bin/env python3
"""Independent reference implementation of the capacity.toml arithmetic.

    python3 oracle.py DIR [--draws N] [--bp-draws N] [--seed S]

Reads all capacity.toml files of one project folder and prints the arithmetic
part of the JSON report. The arithmetic is in the modules beside this one, which also
gives out their names.
"""
import argparse, copy, json, os, sys, tomllib
from decimal import Decimal

from amounts import *
from estimates import *
from judge import *
from limits import *
from lines import *
from meters import *
from model import *
from packs import *
from reading import *
from values import *


def scenarios(doc):
    s = doc.get("scenarios")
    if not s:
        return {"10x": {"tenants": 10, "require": "warn"}, "100x": {"tenants": 100, "require": "report"}}
    return s


def line_spend(ev, ln):
    """a day; None where a price depends on the month's units of all lines"""
    prices = ev.m.prices(ln.target)
    if any(len(steps) > 1 for steps in prices.values()):
        return None
    units = {**ev.billed_units(ln), "requests": V(1.0)}
    return sum(float(cost(steps, ev.line(ln).billed * units[u]).v) for u, steps in prices.items())


def lines_report(m, files):
    ev = Ev(m, World(0))
    out = []
    for p, ln in m.lines.items():
        r = ev.line(ln)
        f = lambda x: float(x.v)
        if ln.list == "calls":
            d = {"requested": f(r.O), "reached": f(r.took), "billed": f(r.billed), "credits": f(ev.credits(ln))}
        elif ln.list == "reads":
            d = {"requested": f(r.O), "reached": f(r.took), "rows": f(r.O * r.q)}
        elif ln.list == "writes":
            d = {"rows": f(r.O * r.q)}
        elif ln.list == "messages":
            d = {"messages": f(r.took), "bytes": f(r.took * ev.msg_size(ln))}
        else:
            d = {"requested": f(r.O), "reached": f(r.took), "billed": f(r.billed), "spend": line_spend(ev, ln),
                 "units": {u: f(r.billed * x) for u, x in ev.units(ln).items()},
                 "billed_units": {u: f(r.billed * x) for u, x in ev.billed_units(ln).items()}}
        out.append({"path": p, "feature": ln.feature, "list": ln.list, "target": ln.target,
                    "file": files.get(("features", ln.feature)), "population": f(r.P), "per_day": d,
                    "peak_per_second": f(ev.window(r, r.q, 1.0))})
    return sorted(out, key=lambda x: x["path"])


def load(folder):
    doc, files = {}, {}
    for root, dirs, names in os.walk(folder):
        dirs[:] = sorted(d for d in dirs if not d.startswith("."))
        if "capacity.toml" not in names:
            continue
        fn = os.path.join(root, "capacity.toml")
        rel = os.path.relpath(fn, folder)
        with open(fn, "rb") as fh:
            part = tomllib.load(fh, parse_float=Decimal)
        for sec, body in part.items():
            if sec in ("waivers",):
                continue
            if sec in ("project", "policy", "rules", "scenarios", "budgets", "metrics", "usage", "risk"):
                if rel != "capacity.toml":
                    raise Bad(f"{rel}: [{sec}] outside the root")
                doc[sec] = body
                continue
            tgt = doc.setdefault(sec, {})
            for n, b in body.items():
                if n in tgt:
                    raise Bad(f"{rel}: {sec}.{n} twice")
                tgt[n] = b
                files[(sec, n)] = rel
    return doc, files


def run(doc, files=None, draws=0, bp_draws=3000, seed=1, with_bp=True, only=None):
    m = Model(doc)
    uncertain = m.uncertain() or any(Model(d).uncertain() for d in [with_set(doc, s) for s in scenarios(doc).values()])
    pw = World(0)
    dw = World(draws, seed) if draws and uncertain else None
    bw = World(bp_draws, seed + 1) if dw is not None else pw
    pc = Case(m, pw)
    dc = Case(m, dw) if dw else None
    bev = Case(m, bw)
    rel = 1e-4 if dw else 1e-10
    bp = (lambda mid: breaking_point(m, bw, bev, mid, rel)) if with_bp else None
    meters = report(m, pc, dc, bp)
    horizons = []
    for d in m.days:
        horizons.append({"day": d, "meters": report(
            m, Case(m, pw, float(d), 1.0, None, d, pc), Case(m, dw, float(d), 1.0, None, d, dc) if dw else None)})
    scen = []
    for name, raw in sorted(scenarios(doc).items()):
        sdoc = with_set(doc, raw)
        sm = Model(sdoc)
        s = Scen(name, raw, sm)
        scen.append({"name": name, "require": s.require, "meters": report(
            sm, Case(sm, pw, 0, 1.0, s, None, pc), Case(sm, dw, 0, 1.0, s, None, dc) if dw else None)})
    return {"name": m.name, "currency": m.currency, "verdict": worst(meters), "uncertain": uncertain,
            "confidence": m.confidence,
            "lines": lines_report(m, files or {}), "meters": meters, "horizons": horizons, "scenarios": scen}


def with_set(doc, scen):
    if not scen.get("set"):
        return doc
    d = copy.deepcopy(doc)
    for p, v in scen["set"].items():
        apply_set(d, p, copy.deepcopy(v))
    return d


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("dir")
    ap.add_argument("--draws", type=int, default=0)
    ap.add_argument("--bp-draws", type=int, default=3000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--no-bp", action="store_true")
    a = ap.parse_args()
    doc, files = load(a.dir)
    out = {"format": "oracle/1", "projects": [run(doc, files, a.draws, a.bp_draws, a.seed, not a.no_bp)]}
    json.dump(out, sys.stdout, indent=1, default=str)
    print()


if __name__ == "__main__":
    main()
