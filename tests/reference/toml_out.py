"""Documents as text, in one file or several."""
import datetime, json, math, os, random, re
from decimal import Decimal


def k_(s):
    return s if re.fullmatch(r"[A-Za-z0-9_-]+", s) else json.dumps(s)


class Num(str):
    """a number already spelled"""


def val(v):
    if isinstance(v, Num):
        return str(v)
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, datetime.date):
        return v.isoformat()
    if isinstance(v, (int, float, Decimal)):
        return repr(v) if not isinstance(v, Decimal) else str(v)
    if isinstance(v, str):
        return json.dumps(v)
    if isinstance(v, list):
        return "[" + ", ".join(val(x) for x in v) + "]"
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k_(k)} = {val(x)}" for k, x in v.items()) + " }" if v else "{}"
    raise TypeError(v)


def fmt(x):
    """three significant digits, no exponent"""
    if x == 0:
        return "0"
    d = 2 - math.floor(math.log10(abs(x)))
    x = round(x, d)
    if d <= 0:
        return str(int(x))
    s = f"{x:.{min(d, 12)}f}"
    return s.rstrip("0").rstrip(".") if "." in s else s


ROOT_ONLY = ("project", "policy", "rules", "scenarios", "budgets", "metrics", "usage", "risk", "waivers")


def dump_named(r, sec, name, body):
    """one named thing as text"""
    out = []
    if not isinstance(body, dict) or sec in ("tenants",):
        return f"{k_(name)} = {val(body)}\n"
    subs, aot, inline = [], [], []
    for k, v in body.items():
        if isinstance(v, list) and v and all(isinstance(x, dict) for x in v) and r.random() < .6:
            aot.append((k, v))
        elif isinstance(v, dict) and k in ("endpoints", "workers", "plan", "overage", "tenant_quota", "capacity", "price", "compact") and v and r.random() < .4:
            subs.append((k, v))
        elif isinstance(v, dict) and k == "endpoints" and v and r.random() < .5:
            for e, b in v.items():
                inline.append(f"endpoints.{k_(e)} = {val(b)}\n")
        else:
            inline.append(f"{k_(k)} = {val(v)}\n")
    out.append(f"[{sec}.{k_(name)}]\n")
    out += inline
    for k, v in subs:
        if k == "endpoints" and r.random() < .5:
            for e, b in v.items():
                out.append(f"\n[{sec}.{k_(name)}.endpoints.{k_(e)}]\n")
                out += [f"{k_(x)} = {val(y)}\n" for x, y in b.items()]
        else:
            out.append(f"\n[{sec}.{k_(name)}.{k_(k)}]\n")
            out += [f"{k_(x)} = {val(y)}\n" for x, y in v.items()]
    for k, v in aot:
        for x in v:
            out.append(f"\n[[{sec}.{k_(name)}.{k_(k)}]]\n")
            out += [f"{k_(a)} = {val(b)}\n" for a, b in x.items()]
    return "".join(out) + "\n"


def dump_file(r, part):
    out = []
    for sec in ("project", "tenants", "entities"):
        if sec in part:
            out.append(f"[{sec}]\n")
            for k, v in part[sec].items():
                out.append(f"{k_(k)} = {val(v)}\n")
            out.append("\n")
    for sec in ("apis", "features", "databases", "tables", "queues", "models", "costs", "budgets", "scenarios"):
        items = list(part.get(sec, {}).items())
        for n, b in items:
            out.append(dump_named(r, sec, n, b))
    for sec in ("policy", "rules", "risk"):
        if sec in part:
            subs = {}
            out.append(f"[{sec}]\n")
            for k, v in part[sec].items():
                if isinstance(v, dict) and r.random() < .6:
                    subs[k] = v
                else:
                    out.append(f"{k_(k)} = {val(v)}\n")
            for k, v in subs.items():
                out.append(f"\n[{sec}.{k}]\n")
                out += [f"{k_(a)} = {val(b)}\n" for a, b in v.items()]
            out.append("\n")
    for w in part.get("waivers", []):
        out.append("[[waivers]]\n")
        out += [f"{k} = {val(v)}\n" for k, v in w.items()]
        out.append("\n")
    return "".join(out)


def dump(doc):
    return dump_file(random.Random(0), doc)


def write(doc, out, seed):
    r = random.Random(f"files{seed}")
    folders = [""] + r.sample(["features/a", "features/b", "data", "infra/queues", "ml", "team one/x"], r.choice([0, 1, 2, 3, 4]))
    files = {f: {} for f in folders}
    if r.random() < .25:
        pass
    home = r.choice(folders)
    split = r.random() < .15
    for sec, body in doc.items():
        if sec in ROOT_ONLY:
            files[""][sec] = body
            continue
        for n, b in body.items():
            f = r.choice(folders)
            if sec == "tenants" and not split:
                f = home
            files[f].setdefault(sec, {})[n] = b
    for f, part in files.items():
        if not part and (f or "project" not in doc):
            continue
        os.makedirs(os.path.join(out, f), exist_ok=True)
        with open(os.path.join(out, f, "capacity.toml"), "w") as fh:
            fh.write(dump_file(r, part))
