#!/usr/bin/env python3
"""Compare a caplint binary's attribution with one worked out anew.

    python3 attribution.py --caplint BIN --seeds A..B [--by oracle|check] [--keep DIR]

For each seed a base and a head with several causes at a time. The declarations that differ are
found in the parsed TOML, put in the documented order and applied to the base's document one at a
time; the demands of each document on the way that `caplint check` takes come from oracle.py, or from
that check (`--by check`), and their differences are what `caplint diff` has to show: the same causes in the same order, of the
same kind, with the same values within 1e-9 of the larger demand. Pairs that differ are kept under
--keep (default /tmp/caplint-attribution). The environment's WITHOUT leaves keys out of the projects,
see generate.KEYS.
"""
import argparse, copy, json, math, os, shutil, subprocess, sys, tempfile

import generate, oracle
from heads import FILE_RULES, JUDGING, at_points, head_of

AS_OF = "2026-11-22"
TOLERANCE = 1e-9

# ------------------------------------------------------------- what differs

ABSENT = object()

# Things with names: what comes or goes here is added or removed, a key elsewhere is changed.
SECTIONS = ("tenants", "entities", "apis", "features", "databases", "tables", "queues", "models", "costs", "budgets")
# Keys that exclude or require each other, in the order of the documentation.
TOGETHER = {
    "entities": [["per_tenant", "count", "fixed"]],
    "databases": [["price", "budget"]],
    "tables": [["kind", "from", "ratio", "rows", "per"], ["partition", "expire"]],
    "queues": [["retention", "retention_bytes", "compact", "partitions"], ["price", "budget"]],
    "features": [["adoption", "active"]],
    "models": [["unit", "price"]],
    "endpoint": [["credits_per_item", "step", "credits_per_step"]],
    "limit": [["rate", "concurrent", "counts", "per", "largest"], ["endpoints", "exclusive"]],
    "line": [["rate", "per", "tenants", "after", "fanout", "peak", "peak_day", "spread"]],
    "cache": [["scope", "keys"]],
}
# Keys whose values are tables of keys, each a declaration of its own.
TABLES = {"apis": ("plan", "overage"), "tables": ("compress",), "queues": ("workers", "compact")}
# Values that may be one for all or a table with one a name.
BY_NAME = {"entities": ("per_tenant",), "features": ("adoption",), "models": ("tenant_quota", "capacity", "step", "min_units"),
           "limit": ("rate", "concurrent"), "line": ("units",)}
# Lists whose entries have names.
NAMED_LISTS = {("apis", "packs"): ("pack", "name"), ("apis", "limits"): ("limit", "id"), ("models", "limits"): ("limit", "id")}


def is_table_of_names(value):
    return isinstance(value, dict) and not set(value) & {"p50", "now", "each"}


class Cause:
    """One declaration: the keys to what changes, and the keys beside it that change with it."""

    def __init__(self, keys, kind, beside=()):
        self.keys, self.kind, self.beside = tuple(keys), kind, tuple(beside)

    def order(self):
        in_features = self.keys[0] == "features"
        group = {"added": 2 if in_features else 0, "changed": 2 if in_features else 1,
                 "removed": 3 if in_features else 4}[self.kind]
        return group, [key.encode() for key in self.keys]

    def path(self):
        return oracle.path(*self.keys)


class Differences:
    def __init__(self, base, head):
        self.base, self.head, self.found = base, head, []
        b, h = base.get("project", ABSENT), head.get("project", ABSENT)
        if ABSENT not in (b, h):
            self.table("project", ("project",), b, h)
        elif b is not h:
            self.found.append(Cause(("project",), "changed"))
        for section in SECTIONS:
            self.names((section,), base.get(section, {}), head.get(section, {}),
                       lambda keys, b, h, section=section: self.thing(section, keys, b, h))
        self.found.sort(key=Cause.order)

    def names(self, keys, base, head, both):
        for name in {**base, **head}:
            at = keys + (name,)
            if name not in base:
                self.found.append(Cause(at, "added"))
            elif name not in head:
                self.found.append(Cause(at, "removed"))
            else:
                both(at, base[name], head[name])

    def value(self, keys, base, head):
        if base != head:
            self.found.append(Cause(keys, "changed"))

    def thing(self, section, keys, base, head):
        if section == "tenants":
            self.projection(keys, base, head)
        else:
            self.table(section, keys, base, head)

    def projection(self, keys, base, head):
        base, head = [x if oracle.is_map(x) else {"now": x} for x in (base, head)]
        differ = [day for day in {**base, **head} if base.get(day, ABSENT) != head.get(day, ABSENT)]
        # Days and a growth exclude each other.
        together = [day for day in differ if day != "now"] if ("growth" in base) != ("growth" in head) else []
        if together:
            first, *beside = sorted(together, key=lambda day: (day == "growth", int(day[:-1]) if day != "growth" else 0))
            self.found.append(Cause(keys + (first,), "changed", beside))
        for day in differ:
            if day not in together:
                self.found.append(Cause(keys + (day,), "changed"))

    def table(self, what, keys, base, head):
        """a table with known keys"""
        groups = TOGETHER.get(what, [])
        grouped = {}
        for key in {**base, **head}:
            at, b, h = keys + (key,), base.get(key, ABSENT), head.get(key, ABSENT)
            if what == "features" and key in oracle.LISTS:
                lines = [self.lines(doc, key, [] if x is ABSENT else x) for doc, x in ((self.base, b), (self.head, h))]
                self.names(at, *lines, lambda at, b, h: self.table("line", at, without_id(b), without_id(h)))
            elif key == "endpoints" and what == "apis":
                both = [{} if x is ABSENT else x for x in (b, h)]
                self.names(at, *both, lambda at, b, h: self.table("endpoint", at, b, h))
            elif (what, key) in NAMED_LISTS:
                self.entries(at, *[[] if x is ABSENT else x for x in (b, h)], *NAMED_LISTS[what, key])
            elif ABSENT not in (b, h) and key in TABLES.get(what, ()) and isinstance(b, dict) and isinstance(h, dict):
                self.table(key, at, b, h)
            elif ABSENT not in (b, h) and key in BY_NAME.get(what, ()) and is_table_of_names(b) and is_table_of_names(h):
                self.names(at, b, h, self.quota if key == "tenant_quota" else self.value)
            elif ABSENT not in (b, h) and what == "entities" and key == "count":
                self.projection(at, b, h)
            elif what == "line" and key == "cache" and isinstance(b, dict) and isinstance(h, dict):
                self.table("cache", at, b, h)
            elif b is ABSENT or h is ABSENT or b != h:
                group = next((g for g in groups if key in g and any((k in base) != (k in head) for k in g)), None)
                if group is None:
                    self.found.append(Cause(at, "changed"))
                else:
                    grouped.setdefault(id(group), (group, []))[1].append(key)
        for group, differ in grouped.values():
            first, *beside = sorted(differ, key=group.index)
            self.found.append(Cause(keys + (first,), "changed", beside))

    def quota(self, keys, base, head):
        if is_table_of_names(base) and is_table_of_names(head):
            self.names(keys, base, head, self.value)
        else:
            self.value(keys, base, head)

    def entries(self, keys, base, head, kind, name):
        before = len(self.found)
        self.names(keys, *[{entry[name]: entry for entry in entries} for entries in (base, head)],
                   lambda at, b, h: self.table(kind, at, b, h))
        if len(self.found) == before and base != head and kind == "pack":
            self.found.append(Cause(keys, "changed"))

    @staticmethod
    def lines(doc, key, lines):
        return {oracle.default_id(doc, key, line): line for line in lines}


def without_id(line):
    return {key: value for key, value in line.items() if key != "id"}


# ------------------------------------------------------------- applying it

def named(doc, keys, holder, name):
    """the index of a named entry of a list"""
    for index, entry in enumerate(holder):
        if oracle.entry_name(doc, keys[-1], entry) == name:
            return index
    return None


def get(doc, keys):
    here = doc
    for depth, key in enumerate(keys):
        if isinstance(here, list):
            index = named(doc, keys[:depth], here, key)
            here = ABSENT if index is None else here[index]
        elif isinstance(here, dict) and key in here:
            here = here[key]
        elif key == "now" and not oracle.is_map(here):
            pass   # `n` is `{ now = n }`
        else:
            return ABSENT
        if here is ABSENT:
            return ABSENT
    return here


def put(doc, head, keys):
    """makes what is at `keys` what it is in the head"""
    value = get(head, keys)
    value = value if value is ABSENT else copy.deepcopy(value)
    here = doc
    for depth, key in enumerate(keys[:-1]):
        if isinstance(here, list):
            here = here[named(doc, keys[:depth], here, key)]
            continue
        if key not in here:
            is_list = (depth == 2 and keys[0] == "features") or key in ("packs", "limits")
            here[key] = [] if is_list else {}
        within = here[key]
        is_projection = (keys[0] == "tenants" and depth == 1) or (keys[0] == "entities" and key == "count")
        if is_projection and not oracle.is_map(within):
            within = here[key] = {"now": within}
        here = within
    last = keys[-1]
    if isinstance(here, list):
        index = named(doc, keys[:-1], here, last)
        if index is not None:
            del here[index]
        if value is not ABSENT:
            here.append(value)
    elif value is ABSENT:
        here.pop(last, None)
    else:
        here[last] = value


def documents(base, head):
    """the causes, and the documents before the first and after each"""
    causes = Differences(base, head).found
    docs = [base]
    for cause in causes:
        doc = copy.deepcopy(docs[-1])
        put(doc, head, cause.keys)
        for key in cause.beside:
            put(doc, head, cause.keys[:-1] + (key,))
        docs.append(doc)
    return causes, docs


# ------------------------------------------------------------- demands

def demands_by_oracle(doc):
    case = oracle.Case(oracle.Model(doc), oracle.World(0))
    return {meter.id: float(meter.demand().v) for meter in case.meters()}


def demands_by_check(caplint, docs):
    """the demands of each document's meters; None where a document on the way is no valid project"""
    with tempfile.TemporaryDirectory() as top:
        for index, doc in enumerate(docs):
            write(doc, os.path.join(top, f"{index:05}"))
        report = run(caplint, "check", cwd=top)
    projects = {project["root"]: project for project in report["projects"]}
    out = []
    for index in range(len(docs)):
        project = projects[f"{index:05}"]
        if any(found["rule"] in FILE_RULES for found in project["findings"]):
            out.append(None)
            continue
        points = {meter["id"]: meter["demand"]["point"] for meter in project["meters"]}
        out.append({meter: math.inf if point is None else point for meter, point in points.items()})
    return out


def write(doc, folder):
    doc = {section: body for section, body in doc.items() if section not in JUDGING}
    doc["project"] = {key: value for key, value in doc.get("project", {}).items() if key != "name"}
    os.makedirs(folder)
    with open(os.path.join(folder, "capacity.toml"), "w") as file:
        file.write(generate.dump(at_points(doc)))


def run(caplint, *arguments, cwd):
    command = [caplint, *arguments, "--format", "json", "--exit-zero", "--as-of", AS_OF]
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-600:]}")
    return json.loads(done.stdout)


# ------------------------------------------------------------- comparing

def contributions(causes, demands, meter):
    """[(causes, contribution)], and the largest finite demand on the way. Several causes go together
    where what is between them is no valid project: what that asks for is not defined, their sum is."""
    last = largest = demands[0].get(meter, 0.0)
    out, together = [], []
    for cause, after in zip(causes, demands[1:]):
        together.append(cause)
        if after is None:
            continue
        now = after.get(meter, 0.0)
        if math.isinf(now):
            # What is infinite for a while moves when it is finite again.
            out.append((together, 0.0))
        else:
            out.append((together, now - last))
            last, largest = now, max(largest, now)
        together = []
    return out, largest


class Comparison:
    def __init__(self):
        self.wrong, self.changes, self.contributions, self.together = [], 0, 0, 0

    def compare(self, causes, demands, changes):
        shown = {change["meter"]: change for change in changes}
        for meter in sorted(set(demands[0]) | set(demands[-1])):
            before, after = (side.get(meter, 0.0) for side in (demands[0], demands[-1]))
            change = shown.get(meter)
            if not (math.isfinite(before) and math.isfinite(after)):
                if change and change["attribution"]:
                    self.wrong.append((meter, "attributed", "a side is infinite"))
                continue
            bar = TOLERANCE * max(before, after)
            if change is None:
                if abs(after - before) > bar:
                    self.wrong.append((meter, "no change", f"moves by {after - before}"))
                continue
            self.changes += 1
            for name, ours in (("before", before), ("after", after), ("delta", after - before)):
                if change[name] is None or abs(change[name] - ours) > bar:
                    self.wrong.append((meter, f"{name} {change[name]}", ours))
            if change["attribution"] or abs(after - before) > bar:
                self.causes(meter, causes, demands, change["attribution"], max(before, after))

    def causes(self, meter, causes, demands, shown, larger):
        expected, largest = contributions(causes, demands, meter)
        # Rounding is that of the demands on the way, which may be larger than both ends.
        bar = max(TOLERANCE * larger, 1e-14 * largest)
        theirs = {cause["path"]: cause for cause in shown}
        if len(theirs) != len(shown):
            self.wrong.append((meter, [cause["path"] for cause in shown], "a cause twice"))
        for together, value in expected:
            paths = [cause.path() for cause in together if cause.path() in theirs]
            delta = math.fsum(theirs[path]["delta"] for path in paths)
            if abs(delta - value) > bar:
                self.wrong.append((meter, f"{paths or together[0].path()} {delta}", value))
            self.contributions += len(together) == 1 and len(paths)
            self.together += len(together) > 1 and len(paths)
        kinds = {cause.path(): cause.kind for cause in causes}
        for path, cause in theirs.items():
            if cause["kind"] != kinds.get(path):
                self.wrong.append((meter, f"{path} is {cause['kind']}", kinds.get(path)))
        order = [cause.path() for cause in causes]
        places = [order.index(path) for path in theirs if path in kinds]
        if places != sorted(places):
            self.wrong.append((meter, list(theirs), "another order"))
        # Both are sums of the same causes: what is shown is the whole of the delta.
        total = math.fsum(cause["delta"] for cause in shown)
        if abs(total - (demands[-1].get(meter, 0.0) - demands[0].get(meter, 0.0))) > bar:
            self.wrong.append((meter, f"sums to {total}", "not the delta"))


def one(options, seed, folder, totals):
    base, head = (os.path.join(folder, side) for side in ("base", "head"))
    if not head_of(options.check_with, seed, base, head):
        totals["pairs without a head"] += 1
        return True
    docs = [oracle.load(side)[0] for side in (base, head)]
    causes, docs = documents(*docs)
    project = run(options.caplint, "diff", "--accept-policy", "./base", "./head", cwd=folder)["projects"][0]
    if any(found["rule"] in FILE_RULES for found in project["findings"]):
        totals["pairs without a head"] += 1
        return True
    comparison = Comparison()
    demands = demands_by_check(options.check_with, docs)
    if options.by == "oracle":
        demands = [checked and demands_by_oracle(doc) for doc, checked in zip(docs, demands)]
    comparison.compare(causes, demands, project["changes"])
    totals["pairs"] += 1
    totals["declarations"] += len(causes)
    totals["changes"] += comparison.changes
    totals["contributions"] += comparison.contributions
    totals["contributions compared by their sum"] += comparison.together
    for cause in causes:
        options.kinds.add((cause.kind, shape(cause)))
    if comparison.wrong:
        print(f"seed {seed}: {len(comparison.wrong)} differences  ({folder})")
        for meter, theirs, ours in comparison.wrong[:options.show]:
            print(f"    {meter}: caplint {theirs}, here {ours}")
    return not comparison.wrong


def shape(cause):
    """what kind of declaration it is: its keys without names"""
    keys = list(cause.keys)
    if keys[0] in SECTIONS and len(keys) > 1:
        keys[1] = "*"
    if len(keys) > 3 and (keys[2] in oracle.LISTS + ("packs", "limits", "endpoints", "adoption", "per_tenant", "capacity", "tenant_quota")):
        keys[3] = "*"
    return ".".join(keys[:5])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--caplint", required=True)
    parser.add_argument("--seeds", default="1..100")
    parser.add_argument("--by", choices=("oracle", "check"), default="oracle",
                        help="what works out the demands on the way")
    parser.add_argument("--check-with", metavar="BIN", help="a (faster) binary for all but `caplint diff`")
    parser.add_argument("--keep", default="/tmp/caplint-attribution")
    parser.add_argument("--show", type=int, default=6, help="differences shown per pair")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    options.caplint = os.path.abspath(options.caplint)
    options.check_with = os.path.abspath(options.check_with or options.caplint)
    options.kinds = set()
    first, _, last = options.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    # Pairs are left out where no edit made another valid project of the base.
    totals = dict.fromkeys(("pairs", "declarations", "changes", "contributions",
                            "contributions compared by their sum", "pairs without a head"), 0)
    differ = 0
    for seed in seeds:
        folder = os.path.join(options.keep, f"seed-{seed}")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        if one(options, seed, folder, totals):
            shutil.rmtree(folder)
        else:
            differ += 1
    print(f"{differ} of {len(seeds)} pairs differ; " + ", ".join(f"{count} {what}" for what, count in totals.items())
          + f", {len(options.kinds)} kinds of declarations")
    if options.verbose:
        for kind, what in sorted(options.kinds):
            print(f"    {kind} {what}")
    # Pairs that could not be compared say nothing: most have to be.
    sys.exit(1 if differ or totals["pairs"] * 2 < len(seeds) else 0)


if __name__ == "__main__":
    main()
