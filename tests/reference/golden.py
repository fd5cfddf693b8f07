#!/usr/bin/env python3
"""Keep what one caplint binary prints, and compare another binary with it byte for byte.

    python3 golden.py make --caplint BIN DIR [--projects N]
    python3 golden.py compare --caplint BIN DIR [--only GLOB] [--json-only] [--quick]

`make` writes into DIR the inputs (every case of tests/cases, N random projects of generate.py each
with a changed head, some monorepos of several such projects) and what BIN prints of them. It needs
numpy, as generate.py does; `compare` needs only the standard library, and DIR can be anywhere but
in a git repository. Binaries of the dev profile are some ten times slower: --quick takes the cases,
the texts and every fifth project. Names of outputs, for --only:

    cases/NAME/{args,base,head,diff,...}.json    gen/SEED/{base,head,diff,...}.json
    mono/N/{base,head,diff,...}.json             .../*.{human,markdown,sarif,...}
    text/*                                       lists, pages, schemas and help
"""
import argparse, collections, concurrent.futures, copy, fnmatch, hashlib, json, os, random, re, shutil, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
AS_OF = ["--as-of", "2026-11-22"]
RENDERED = ["human", "markdown", "sarif", "html", "junit", "github", "gitlab"]
SHOWN = 20
KINDS = ["certain", "certain-edges", "uncertain", "uncertain-edges"]


# ------------------------------------------------------------- running

def sandbox(top):
    """nothing of the machine's own, as in tests/support"""
    return {"PATH": os.environ.get("PATH", ""), "HOME": top, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": top, "LC_ALL": "C"}


def run_one(caplint, top, job):
    """(exit code, stdout, stderr) of one job, without the place it ran in"""
    place = os.path.join(top, "inputs", job["cwd"])
    p = subprocess.run(["caplint", *job["args"]], executable=caplint, cwd=place, env=sandbox(top), stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    mark = os.path.realpath(place).encode()
    return p.returncode, p.stdout.replace(mark, b"[PLACE]"), p.stderr.replace(mark, b"[PLACE]")


def run_all(caplint, top, jobs, each):
    """runs the jobs, two at a time, and calls each(job, result) in their order"""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for job, result in zip(jobs, pool.map(lambda j: run_one(caplint, top, j), jobs)):
            each(job, result)


def outside_git(top):
    d = os.path.realpath(top)
    while d != os.path.dirname(d):
        if os.path.exists(os.path.join(d, ".git")):
            sys.exit(f"{top} is in the git repository {d}: folders would not be sides of their own")
        d = os.path.dirname(d)


# ------------------------------------------------------------- heads

def pick(r, d):
    return r.choice(sorted(d)) if d else None


class Head:
    """a change to a document, drawn from what pull requests do"""

    def __init__(self, gen, seed):
        import edges, generate, oracle
        self.generate, self.oracle = generate, oracle
        self.gen, self.doc = gen, copy.deepcopy(gen.doc)
        self.r = random.Random(f"head{seed}")
        gen.doc = self.doc       # what can be set is drawn from the head
        self.edges = edges.Edges(gen)
        self.moved = {}

    def lines(self):
        return [(f, lst, i) for f, b in sorted(self.doc.get("features", {}).items()) for lst in self.oracle.LISTS
                for i in range(len(b.get(lst, [])))]

    def line(self):
        all_ = self.lines()
        if not all_:
            return None
        f, lst, i = self.r.choice(all_)
        return self.doc["features"][f][lst][i]

    def rate(self):
        ln = self.line()
        if ln is not None and "rate" in ln:
            every = isinstance(ln["rate"], str) and ln["rate"].startswith("every")
            ln["rate"] = self.r.choice(["every 10m", "every 2h", "every 3d"] if every else ["3/h", "40/day", "0.5/week", "7/min", "900/month"])

    def figure(self):
        ln = self.line()
        keys = [k for k in ("fanout", "items", "rows", "count", "size", "peak", "units") if k in (ln or {}) and not isinstance(ln[k], dict)]
        if keys:
            k = self.r.choice(keys)
            ln[k] = self.r.choice(["3KB", 900] if k == "size" else [1, 4, 90])

    def unknown(self):
        slots = self.edges.slots()
        if slots:
            holder, key, _ = self.r.choice(slots)
            holder[key] = "unknown"

    def odd(self):
        slots = self.edges.slots()
        for holder, key, kind in self.r.sample(slots, min(3, len(slots))):
            holder[key] = self.edges.odd(holder[key], kind)

    def drop_line(self):
        all_ = self.lines()
        if all_:
            f, lst, i = self.r.choice(all_)
            del self.doc["features"][f][lst][i]

    def add_line(self):
        all_ = self.lines()
        if all_:
            f, lst, i = self.r.choice(all_)
            ln = copy.deepcopy(self.doc["features"][f][lst][i])
            ln["id"] = "added"
            self.doc["features"][f][lst].append(ln)

    def drop_feature(self):
        f = pick(self.r, self.doc.get("features"))
        if f:
            del self.doc["features"][f]

    def add_feature(self):
        f = pick(self.r, self.doc.get("features"))
        if f:
            self.doc["features"]["added-feature"] = copy.deepcopy(self.doc["features"][f])

    def rename_feature(self):
        f = pick(self.r, self.doc.get("features"))
        if f:
            self.doc["features"]["renamed-feature"] = self.doc["features"].pop(f)

    def move_feature(self):
        f = pick(self.r, self.doc.get("features"))
        if f:
            self.moved["features", f] = "features/moved"

    def adoption(self):
        f = pick(self.r, self.doc.get("features"))
        if f:
            self.doc["features"][f]["adoption"] = self.r.choice(["15%", "60%", 1])

    def drop_thing(self):
        """a thing, and most of the time what refers to it"""
        sec = self.r.choice([s for s in ("tables", "queues", "apis", "models", "entities", "databases") if self.doc.get(s)] or [None])
        if not sec:
            return
        name = pick(self.r, self.doc[sec])
        del self.doc[sec][name]
        if self.r.random() < .7:
            for f in self.doc.get("features", {}).values():
                for lst in self.oracle.LISTS:
                    if lst in f:
                        f[lst] = [x for x in f[lst] if not any(v == name or isinstance(v, str) and v.startswith(name + ":") for v in x.values())]

    def add_thing(self):
        sec = self.r.choice([s for s in ("tables", "queues", "apis", "models", "entities", "databases", "tenants") if self.doc.get(s)] or [None])
        if sec:
            self.doc[sec]["added-" + sec] = copy.deepcopy(self.doc[sec][pick(self.r, self.doc[sec])])

    def limit(self):
        c = [("apis", "budget", [100, 100000]), ("databases", "storage", ["2GB", "90TB"]), ("databases", "writes", ["5/s", "90k/s"]),
             ("tables", "max_size", ["1GB", "5TB"]), ("tables", "retention", ["10d", "2y", "forever"]), ("queues", "partitions", [2, 400]),
             ("queues", "storage", ["1GB", "2TB"]), ("queues", "max_depth", [100, 900000]), ("queues", "drain", ["1m", "2d"]),
             ("models", "budget", [10, 90000])]
        c = [(n, k, v) for s, k, v in c for _, n in sorted(self.doc.get(s, {}).items()) if k in n]
        c += [(a["plan"], "credits", [500, 9000000]) for _, a in sorted(self.doc.get("apis", {}).items()) if "credits" in a.get("plan", {})]
        for holder, key, values in self.r.sample(c, min(len(c), 2)):
            v = self.r.choice([*values, None])
            if v is None:
                del holder[key]
            else:
                holder[key] = v

    def tenants(self):
        t = pick(self.r, self.doc.get("tenants"))
        if t:
            self.doc["tenants"][t] = self.r.choice([3, 900, 60000, {"now": 500, "30d": 1500, "90d": 9000}])

    def policy(self):
        r, n = self.r, self.generate.Num
        if r.random() < .2:
            self.doc.pop("policy", None)
            return
        p = self.doc.setdefault("policy", {})
        for _ in range(r.randint(1, 3)):
            k, v = r.choice([("confidence", r.choice(["p50", "p80", "p90", "p95"])), ("runway", r.choice(["10d", "120d"])),
                             ("partition_above", r.choice(["1GB", "500GB"])), ("max_partitions", r.choice([10, 5000])),
                             ("limits", {"today": {"tight": n("0.5"), "breaks": r.choice([n("0.9"), n("1.2")])}}),
                             ("limits", {r.choice(self.kinds()): {"scenario": {"breaks": r.choice(["70%", "150%"])}}}),
                             ("burn", {"hard": r.choice(["80%", "99%"])}), ("change", {"credits": "5%", "storage": "90%", "feature": {"above": 10}}),
                             ("calibration", {"max_age": r.choice(["10d", "300d"])})])
            p[k] = v

    def kinds(self):
        import edges
        return edges.KINDS

    def rules(self):
        import edges
        self.doc["rules"] = {x: self.r.choice(["off", "info", "warning", "error"]) for x in self.r.sample(edges.RULES, self.r.randint(1, 6))}

    def scenario(self):
        r, sc = self.r, self.doc.setdefault("scenarios", {})
        what, name = r.random(), pick(r, sc)
        if what < .4 or name is None:
            sc["added"] = {"tenants": r.choice([2, 50]), "require": r.choice(["fit", "warn", "report"])}
            s = self.gen.sets()
            if s:
                sc["added"]["set"] = s
        elif what < .6:
            del sc[name]
        elif what < .8:
            sc[name]["require"] = r.choice(["fit", "warn", "report"])
        else:
            sc[name]["tenants"] = r.choice([1, 3, 400])

    def set(self):
        name = pick(self.r, self.doc.get("scenarios"))
        c = self.edges.settable()
        if name and c:
            s = self.doc["scenarios"][name].setdefault("set", {})
            s.update(dict(self.r.sample(c, min(len(c), 3))))
            self.edges.untangle(s)

    def waiver(self):
        import datetime, edges
        r = self.r
        if self.doc.get("waivers") and r.random() < .4:
            self.doc["waivers"].pop()
            return
        self.doc.setdefault("waivers", []).append({
            "rule": r.choice(edges.RULES), "subject": r.choice(["*", "tables.*", "features.**", "apis.*"]), "reason": "known", "owner": "data",
            "until": datetime.date(r.choice([2025, 2027]), 3, 1)})

    def allow(self):
        import edges
        on_line = self.r.random() < .5
        holder = self.line() if on_line else self.doc.get("tables", {}).get(pick(self.r, self.doc.get("tables")))
        if holder is not None:
            holder["allow"] = self.r.sample(edges.ALLOWED_ON_LINES if on_line else edges.ALLOWED_ON_TABLES, self.r.randint(1, 3))
            holder["reason"] = "known"

    def project(self):
        p = self.doc.setdefault("project", {})
        k, v = self.r.choice([("peak", 3), ("horizon", "300d"), ("currency", "EUR"), ("name", "another"), ("days_per_month", 31)])
        p[k] = v

    CHANGES = ["rate", "rate", "rate", "figure", "figure", "unknown", "odd", "drop_line", "add_line", "drop_feature", "add_feature",
               "rename_feature", "move_feature", "adoption", "drop_thing", "drop_thing", "add_thing", "add_thing", "limit", "limit", "limit",
               "tenants", "tenants", "policy", "policy", "rules", "scenario", "scenario", "set", "waiver", "waiver", "allow", "project"]

    def apply(self):
        for name in self.r.sample(self.CHANGES, self.r.choice([0, 1, 1, 2, 2, 3, 4, 6])):
            getattr(self, name)()
        return self.doc


def lay_out(doc, out, seed, moved):
    """as generate.write, but what does not change stays in its file with its layout"""
    import generate
    r = random.Random(f"files{seed}")
    folders = [""] + r.sample(["features/a", "features/b", "data", "infra/queues", "ml", "team one/x"], r.choice([0, 1, 2, 3, 4]))
    home, text = r.choice(folders), collections.defaultdict(list)
    for sec, body in doc.items():
        if sec in ("project", "policy", "rules", "scenarios", "risk", "waivers", "tenants"):
            place = home if sec == "tenants" else ""
            text[place].append(generate.dump_file(random.Random(f"{seed}{sec}"), {sec: body}))
            continue
        parts = collections.defaultdict(dict)
        for n, b in body.items():
            h = random.Random(f"{seed}{sec}{n}")
            parts[moved.get((sec, n)) or h.choice(folders)][n] = b
        for f, part in parts.items():
            for n, b in part.items() if sec != "entities" else [(None, part)]:
                text[f].append(generate.dump_file(random.Random(f"{seed}{sec}{n}"), {sec: part if n is None else {n: b}}))
    text[""]                    # the top has a file, even an empty one
    for f, t in text.items():
        os.makedirs(os.path.join(out, f), exist_ok=True)
        with open(os.path.join(out, f, "capacity.toml"), "w") as fh:
            fh.write("".join(t))


def manifests(top):
    return sorted(os.path.join(d, f) for d, _, fs in os.walk(top) for f in fs if f == "capacity.toml")


def spoil(out, seed):
    """breaks one file of a head, in a way that people break files"""
    r = random.Random(f"spoil{seed}")
    path = r.choice(manifests(out))
    with open(path, "rb") as fh:
        data = fh.read()
    rows = data.split(b"\n")
    at = r.randrange(len(rows))

    def swap(pattern, by):
        found = list(re.finditer(pattern, data))
        if not found:
            return data + b"\n[features.x\n"
        m = r.choice(found)
        return data[:m.start()] + m.expand(by) + data[m.end():]
    data = r.choice([
        lambda: data[:r.randrange(len(data) + 1)],
        lambda: b"\n".join([*rows[:at], b"[broken", *rows[at:]]),
        lambda: b"\n".join([*rows[:at], b'owner = "a"', b'owner = "b"', *rows[at:]]),
        lambda: swap(rb"(?m)^(\w\w+)(\w) =", rb"\1 ="),
        lambda: swap(rb"(\w+)(\w)(\w) =", rb"\1\3\2 ="),
        lambda: swap(rb'= "([^"\n]+)"', rb'= "\1?"'),
        lambda: swap(rb"= (\d[\d_.]*)", rb"= true"),
        lambda: swap(rb"= (\d[\d_.]*)", rb"= -\1"),
        lambda: swap(rb'= "([^"\n]+)"', rb"= 7"),
        lambda: swap(rb'"([^"\n]+)"', rb'"\1'),
        lambda: swap(rb"\[(\w+)\.", rb"[\1x."),
        lambda: swap(rb"\[\[?(\w+)\.([^\]\n]+)\]", rb"[\1.other]"),
        lambda: data + data,
        lambda: data + b"\n# \xff\xfe\n",
        lambda: b"",
        lambda: data + b'\n[features.broken]\nowner = "x"\nspec = "../../../etc/passwd"\n[[features.broken.calls]]\nendpoint = "nowhere:/x"\nrate = "5/fortnight"\n',
    ])()
    with open(path, "wb") as fh:
        fh.write(data)


def reformat(out, seed):
    """changes text that means nothing"""
    r = random.Random(f"reformat{seed}")
    for path in manifests(out):
        with open(path, "rb") as fh:
            data = fh.read()
        how = r.randrange(4)
        data = (b"# a comment\n\n" + data if how == 0 else data.replace(b"\n", b"\r\n") if how == 1 else
                data.replace(b" = ", b"=") if how == 2 else data + b"\n\n# the end")
        with open(path, "wb") as fh:
            fh.write(data)


def make_project(out, i):
    """base and head of one random project"""
    import generate
    kind = KINDS[i % 4]
    size = "small" if kind.startswith("uncertain") else random.Random(f"size{i}").choice(["small", "medium", "medium", "large"])
    g = generate.Gen(i, kind.startswith("certain"), size, kind.endswith("edges"), generate.listed(os.environ.get("WITHOUT", "")))
    if not g.build():
        g.doc["project"] = {}
    lay_out(g.doc, os.path.join(out, "base"), i, {})
    head = Head(g, i)
    lay_out(head.apply(), os.path.join(out, "head"), i, head.moved)
    if i % 9 == 4:
        spoil(os.path.join(out, "head"), i)
    elif i % 40 == 7:
        spoil(os.path.join(out, "base"), i)
    if i % 11 == 3:
        reformat(os.path.join(out, "head"), i)


# ------------------------------------------------------------- inputs and jobs

def make_inputs(caplint, top, projects):
    root = os.path.join(HERE, "..", "..")
    cases = os.path.join(root, "tests", "cases")
    inputs = os.path.join(top, "inputs")
    for name in sorted(os.listdir(cases)):
        to = os.path.join(inputs, "cases", name)
        shutil.copytree(os.path.join(cases, name), to, ignore=shutil.ignore_patterns("expected"))
        if name == "tiktok-pipeline":
            for side, example in (("base", "before"), ("head", "after")):
                shutil.copytree(os.path.join(root, "examples", name, example), os.path.join(to, side))
        with open(os.path.join(to, "args")) as fh:
            if "base.json" in fh.read().split():
                job = {"cwd": f"cases/{name}", "args": ["-C", "base", "check", "--format", "json", *AS_OF]}
                with open(os.path.join(to, "base.json"), "wb") as out:
                    out.write(run_one(caplint, top, job)[1])
    for i in range(projects):
        make_project(os.path.join(inputs, "gen", f"{i:03}"), i)
    gen = sorted(os.listdir(os.path.join(inputs, "gen"))) if projects else []
    for m in range(min(6, projects // 10)):
        r = random.Random(f"mono{m}")
        for p, name in enumerate(r.sample(gen, 6)):
            for side in ("base", "head"):
                if r.random() < .92:
                    frm = os.path.join(inputs, "gen", name, side)
                    to = os.path.join(inputs, "mono", f"{m}", side, f"part{p}")
                    shutil.copytree(frm, to)
                    path = os.path.join(to, "capacity.toml")
                    with open(path, "rb") as fh:
                        data = fh.read()
                    if b"[project]" not in data:
                        with open(path, "wb") as fh:
                            fh.write(b"[project]\n\n" + data)


def of_sides(place, folder, extra):
    """the jobs of a folder with base and head"""
    jobs = []

    def job(name, *args):
        jobs.append({"name": f"{place}/{name}", "cwd": place, "args": list(args)})
    sides = [s for s in ("base", "head", "project") if os.path.isdir(os.path.join(folder, s))]
    for s in sides:
        job(f"{s}.json", "-C", s, "check", "--format", "json", *AS_OF)
    both = sides[:2] == ["base", "head"]
    if both:
        job("diff.json", "diff", "./base", "./head", "--format", "json", *AS_OF)
    if not extra:
        return jobs
    last = sides[-1]
    if both:
        job("back.json", "diff", "./head", "./base", "--format", "json", *AS_OF)
        job("all.json", "diff", "./base", "./head", "--all", "--accept-policy", "--fail-on", "warning", "--rule", "near-limit=off",
            "--format", "json", *AS_OF)
        job("diff-verbose.human", "diff", "./base", "./head", "--verbose", *AS_OF)
        job("diff-quiet.human", "diff", "./base", "./head", "--quiet", "--ascii", *AS_OF)
    for f in RENDERED:
        job(f"check.{f}", "-C", last, "check", "--format", f, *AS_OF)
        if both:
            job(f"diff.{f}", "diff", "./base", "./head", "--format", f, *AS_OF)
    job("check-verbose.human", "-C", last, "check", "--verbose", "--color", "always", *AS_OF)
    job("fmt.human", "-C", last, "fmt", "--check", "--verbose")
    text = b"".join(read(p) for p in manifests(os.path.join(folder, last)))
    # Forecast has no --as-of, and needs none: nothing in it counts from today.
    for f in ("human", "csv", "markdown", "json"):
        job(f"forecast.{f}", "-C", last, "forecast", "--format", f)
    job("forecast-tenants.csv", "-C", last, "forecast", "--tenants", "3", "--format", "csv")
    names = sorted(set(re.findall(rb"^\[scenarios\.([\w-]+)\]", text, re.M)))
    if names:
        job("forecast-scenario.csv", "-C", last, "forecast", "--scenario", names[0].decode(), "--format", "csv")
    return jobs


def text_jobs():
    with open(os.path.join(HERE, "..", "..", "schema", "capacity.schema.json")) as fh:
        rules = sorted(json.load(fh)["properties"]["rules"]["properties"])
    jobs = [("rules.human", ["rules"]), ("rules-list", ["rules", "--format", "json"]), ("rules-error.human", ["rules", "--severity", "error"]),
            ("schema-capacity", ["schema"]), ("schema-report", ["schema", "--report"]), ("help", ["--help"]), ("man", ["man"]),
            ("bash", ["completions", "bash"]), ("no-command", []), ("unknown-option", ["check", "--unknown"]),
            ("unknown-rule", ["explain", "no-such-rule"]), ("unknown-level", ["check", "--rule", "near-limit=loud"])]
    jobs += [(f"help-{c}", [c, "--help"]) for c in ("check", "diff", "forecast", "explain", "rules", "init", "fmt", "schema")]
    jobs += [(f"explain-{x}", ["explain", x]) for x in rules]
    return [{"name": f"text/{n}", "cwd": ".", "args": a} for n, a in jobs]


def make_jobs(top):
    inputs, jobs = os.path.join(top, "inputs"), []
    for kind in ("cases", "gen", "mono"):
        folder = os.path.join(inputs, kind)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        for i, name in enumerate(names):
            place = f"{kind}/{name}"
            extra = kind == "mono" or (i % 4 == 0 if kind == "cases" else i % 10 == i // 10 % 10)
            jobs += of_sides(place, os.path.join(folder, name), extra)
            if kind == "cases":
                with open(os.path.join(folder, name, "args")) as fh:
                    args = fh.read().split()
                jobs.append({"name": f"{place}/args.human", "cwd": place, "args": [*args, *AS_OF]})
                jobs.append({"name": f"{place}/args.json", "cwd": place, "args": [*args, "--format", "json", *AS_OF]})
    return jobs + text_jobs()


def make(opt):
    sys.path.insert(0, HERE)
    sys.dont_write_bytecode = True
    top = opt.dir
    os.makedirs(top, exist_ok=True)
    outside_git(top)
    for d in ("inputs", "outputs"):
        shutil.rmtree(os.path.join(top, d), ignore_errors=True)
    make_inputs(opt.caplint, top, opt.projects)
    jobs, codes, size = make_jobs(top), collections.Counter(), 0

    def keep(job, result):
        nonlocal size
        job["code"], out, err = result
        codes[job["code"]] += 1
        size += len(out)
        path = os.path.join(top, "outputs", job["name"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        for p, data in ((path, out), (path + ".stderr", err)):
            if data or p == path:
                with open(p, "wb") as fh:
                    fh.write(data)
    run_all(opt.caplint, top, jobs, keep)
    with open(opt.caplint, "rb") as fh:
        of = hashlib.sha256(fh.read()).hexdigest()
    with open(os.path.join(top, "jobs.json"), "w") as fh:
        json.dump({"caplint": of, "jobs": jobs}, fh, indent=0)
    print(f"{len(jobs)} outputs, {size / 1e6:.0f} MB, exit codes {dict(sorted(codes.items(), key=str))}")


# ------------------------------------------------------------- comparing

def json_difference(a, b, path="$"):
    """the first place where two JSON values differ, or None"""
    if type(a) is not type(b):
        return f"{path}: {brief(a)} became {brief(b)}"
    if isinstance(a, dict):
        for k in a:
            if k not in b:
                return f"{path}.{k}: gone (was {brief(a[k])})"
            found = json_difference(a[k], b[k], f"{path}.{k}")
            if found:
                return found
        for k in b:
            if k not in a:
                return f"{path}.{k}: new ({brief(b[k])})"
        return f"{path}: order of keys {list(a)} became {list(b)}" if list(a) != list(b) else None
    if isinstance(a, list):
        for i, (x, y) in enumerate(zip(a, b)):
            found = json_difference(x, y, f"{path}[{i}]")
            if found:
                return found
        return f"{path}: {len(a)} items became {len(b)}" if len(a) != len(b) else None
    return f"{path}: {brief(a)} became {brief(b)}" if a != b or repr(a) != repr(b) else None


def brief(v):
    s = json.dumps(v, ensure_ascii=False)
    return s if len(s) <= 160 else s[:157] + "..."


def line_difference(a, b):
    x, y = a.decode(errors="backslashreplace").split("\n"), b.decode(errors="backslashreplace").split("\n")
    for i in range(max(len(x), len(y))):
        m, n = (s[i] if i < len(s) else "(the end)" for s in (x, y))
        if m != n:
            at = next((k for k, (p, q) in enumerate(zip(m, n)) if p != q), min(len(m), len(n)))
            at = max(0, at - 60)
            return f"line {i + 1}, column {at + 1}: {m[at:at + 160]!r} became {n[at:at + 160]!r}"
    return "nothing"


def first_difference(job, was, now):
    parts = []
    if was[0] != now[0]:
        parts.append(f"exit {was[0]} became {now[0]}")
    if was[1] != now[1]:
        found = None
        try:
            found = json_difference(json.loads(was[1]), json.loads(now[1]))
        except ValueError:
            pass
        parts.append(found or line_difference(was[1], now[1]))
    if was[2] != now[2]:
        parts.append("stderr " + line_difference(was[2], now[2]))
    return "; ".join(parts)


def read(path):
    try:
        with open(path, "rb") as fh:
            return fh.read()
    except FileNotFoundError:
        return b""


def is_quick(job):
    """whether this is of every fifth generated project, of all kinds"""
    kind, number = job["name"].split("/")[:2]
    return kind == "gen" and int(number) % 5 == 0


def compare(opt):
    outside_git(opt.dir)
    with open(os.path.join(opt.dir, "jobs.json")) as fh:
        jobs = json.load(fh)["jobs"]
    jobs = [j for j in jobs if (not opt.json_only or j["name"].endswith(".json")) and (not opt.only or fnmatch.fnmatch(j["name"], opt.only))]
    if opt.quick:
        jobs = [j for j in jobs if j["name"].split("/")[0] in ("cases", "text") or is_quick(j)]
    if not jobs:
        sys.exit("no output has such a name")
    start, groups = time.time(), collections.Counter()

    def each(job, now):
        path = os.path.join(opt.dir, "outputs", job["name"])
        was = (job["code"], read(path), read(path + ".stderr"))
        if was == now:
            return
        if sum(groups.values()) < opt.show:
            print(f"{job['name']}: {first_difference(job, was, now)}", flush=True)
        groups[f"{job['name'].split('/')[0]} {job['name'].rpartition('.')[2] if '.' in job['name'] else ''}".strip()] += 1
    run_all(opt.caplint, opt.dir, jobs, each)
    differ = sum(groups.values())
    where = f" ({', '.join(f'{k}: {n}' for k, n in groups.most_common())})" if differ else ""
    print(f"{len(jobs)} outputs, {differ} differ{where}; {time.time() - start:.0f} s")
    sys.exit(1 if differ else 0)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = ap.add_subparsers(dest="verb", required=True)
    for verb in ("make", "compare"):
        p = verbs.add_parser(verb)
        p.add_argument("--caplint", required=True)
        p.add_argument("dir")
        if verb == "make":
            p.add_argument("--projects", type=int, default=220)
        else:
            p.add_argument("--only", help="only outputs whose names match")
            p.add_argument("--json-only", action="store_true", help="only JSON reports")
            p.add_argument("--quick", action="store_true", help="only some of the random projects")
            p.add_argument("--show", type=int, default=SHOWN, help="differences shown")
    opt = ap.parse_args()
    opt.caplint, opt.dir = os.path.realpath(opt.caplint), os.path.realpath(opt.dir)
    (make if opt.verb == "make" else compare)(opt)


if __name__ == "__main__":
    main()
