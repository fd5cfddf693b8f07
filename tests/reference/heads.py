"""Pairs of projects: a random base, and a head that several edits make of it. Each edit adds, removes
or changes a declaration of one kind; one that leaves the project invalid is taken back."""
import copy, json, os, random, re, subprocess, tempfile
from decimal import Decimal

import generate, oracle
from edges import is_map

JUDGING = ("scenarios", "policy", "rules", "waivers", "risk")
SECTIONS = ("tenants", "entities", "apis", "features", "databases", "tables", "queues", "models", "costs", "budgets")
FILE_RULES = {"syntax", "unknown-key", "invalid-value", "missing-key", "duplicate-name", "unknown-reference",
              "reference-cycle", "outside-project"}
DONORS = range(50_000, 50_024)
WITHOUT = generate.listed(os.environ.get("WITHOUT", ""))
BY_TIER = ("per_tenant", "adoption", "tenant_quota")

_donors = []


def donors():
    """documents to take things and values from"""
    if not _donors:
        for seed in DONORS:
            gen = generate.Gen(seed, False, "medium", seed % 2 == 0, WITHOUT)
            doc = gen.build()
            _donors.append({section: body for section, body in doc.items() if section not in JUDGING})
    return _donors


def tables_of(doc):
    """(kind, table) of every table with known keys"""
    if "project" in doc:
        yield "project", doc["project"]
    for section in SECTIONS[1:]:
        for thing in doc.get(section, {}).values():
            yield section, thing
            for key in ("plan", "overage", "workers", "compress", "compact"):
                if isinstance(thing.get(key), dict):
                    yield key, thing[key]
            for endpoint in thing.get("endpoints", {}).values():
                yield "endpoint", endpoint
            for pack in thing.get("packs", []):
                yield "pack", pack
            for limit in thing.get("limits", []):
                yield ("limit" if section == "apis" else "model limit"), limit
    for _, _, _, line in lines_of(doc):
        yield "line", line
        if isinstance(line.get("cache"), dict):
            yield "cache", line["cache"]


def lines_of(doc):
    for name, feature in doc.get("features", {}).items():
        for key in oracle.LISTS:
            for line in feature.get(key, []):
                yield name, feature, key, line


class Edits:
    def __init__(self, doc, seed):
        self.doc, self.r = doc, random.Random(f"head{seed}")

    def ch(self, p):
        return self.r.random() < p

    def pick(self, of):
        of = list(of)
        return self.r.choice(of) if of else None

    # --------------------------------------------------------- keys

    def key(self):
        """a key gets a value that another project has there, or goes"""
        kind = self.pick({kind for kind, _ in tables_of(self.doc)})
        table = self.pick(table for other, table in tables_of(self.doc) if other == kind)
        donor = [table for doc in donors() for other, table in tables_of(doc) if other == kind]
        keys = sorted({key for table in donor for key in table} - set(oracle.LISTS) - {"packs", "limits", "id"} - ({"endpoints"} if kind == "apis" else set()))
        key = self.pick(keys)
        if key is None:
            return
        if key in table and self.ch(.25):
            del table[key]
            return
        value = copy.deepcopy(self.pick(table[key] for table in donor if key in table))
        table[key] = self.fit(key, value)

    def fit(self, key, value):
        """a value of another project in the names of this one"""
        doc = self.doc
        tiers = list(doc.get("tenants", {}))
        if key in BY_TIER and is_map(value) and set(value) != {"all"}:
            names = self.r.sample(tiers, min(len(tiers), len(value)))
            return dict(zip(names, value.values()))
        if key in ("rate", "concurrent", "step", "min_units") and is_map(value) and "now" not in value and not set(value) & set(tiers):
            return next(iter(value.values()))
        if key == "of":
            paths = [oracle.path(section, name) for section in SECTIONS for name in doc.get(section, {}) if section in ("apis", "models", "costs")]
            return [self.pick(paths) or "*"]
        if key == "endpoints" and isinstance(value, list):
            return ["*"]
        if key == "tenants" and isinstance(value, list):
            return self.r.sample(tiers, self.r.randint(1, len(tiers))) if tiers else value
        if key == "per":
            return self.pick(["tenant", "project", *doc.get("entities", {})])
        if key == "endpoint":
            return self.pick(f"{api}:{path}" for api, body in doc.get("apis", {}).items() for path in body.get("endpoints", {})) or value
        section = {"table": "tables", "from": "tables", "queue": "queues", "model": "models", "database": "databases", "api": "apis"}.get(key)
        return (section and self.pick(doc.get(section, {}))) or value

    def number(self):
        """one value anywhere grows or shrinks, an estimate as a whole"""
        slots = []

        def walk(holder):
            for key in (holder if isinstance(holder, dict) else range(len(holder))):
                value = holder[key]
                if isinstance(value, (dict, list)) and not is_estimate(value):
                    walk(value)
                elif scaled(value, 2) is not None and key not in ("id", "name"):
                    slots.append((holder, key))
        walk({section: body for section, body in self.doc.items() if section not in JUDGING})
        if slots:
            holder, key = self.pick(slots)
            holder[key] = scaled(holder[key], self.r.choice([Decimal("0.5"), Decimal("0.9"), Decimal("1.1"), 2, 3]))

    def timing(self):
        """a line follows another, or has a rate of its own"""
        found = self.pick(lines_of(self.doc))
        if found is None:
            return
        _, feature, key, line = found
        if "after" in line:
            for name in ("after", "fanout"):
                line.pop(name, None)
            line["rate"] = self.r.choice(["3/day", "every 1h", "40/h", "every 1d"])
            if self.ch(.5):
                line["per"] = self.fit("per", None)
        else:
            others = [oracle.default_id(self.doc, other, it) for other in ("calls", "messages", "inference")
                      for it in feature.get(other, []) if it is not line]
            if others:
                for name in ("rate", "per", "tenants", "peak", "peak_day", "spread"):
                    line.pop(name, None)
                line["after"] = self.pick(others)
                if self.ch(.6):
                    line["fanout"] = self.r.choice([2, Decimal("0.25"), 7])

    def population(self):
        """a tier's or an entity's days"""
        slots = [(self.doc["tenants"], tier) for tier in self.doc.get("tenants", {})]
        slots += [(body, "count") for body in self.doc.get("entities", {}).values() if "count" in body]
        if not slots:
            return
        holder, key = self.pick(slots)
        value = holder[key]
        days = dict(value) if is_map(value) else {"now": value}
        if "growth" in days or (self.ch(.2) and "growth" not in WITHOUT):
            holder[key] = {"now": days["now"], **({} if "growth" in days and self.ch(.4) else {"growth": self.r.choice(["3%/week", "-20%/month"])})}
            return
        day = self.r.choice(["now", "30d", "60d", "90d", "200d"])
        if day in days and day != "now" and self.ch(.4):
            del days[day]
        else:
            days[day] = self.r.choice([0, 12, 340, 5600, 78000])
        holder[key] = days if len(days) > 1 or self.ch(.5) else days["now"]

    def order(self):
        """the same packs in another order"""
        api = self.pick(api for api in self.doc.get("apis", {}).values() if len(api.get("packs", [])) > 1)
        if api:
            self.r.shuffle(api["packs"])

    # --------------------------------------------------------- named things

    def add(self):
        section = self.r.choice([section for section in SECTIONS if any(doc.get(section) for doc in donors())])
        donor = self.pick(doc for doc in donors() if doc.get(section))
        name = self.pick(donor[section])
        thing = copy.deepcopy(donor[section][name])
        if section == "features":
            self.rename_feature(thing)
        elif isinstance(thing, dict):
            for key in list(thing):
                if key != "tenants":
                    thing[key] = self.fit(key, thing[key])
            if "workers" in thing and "api" in thing["workers"]:
                thing["workers"]["api"] = self.fit("api", None) or "none"
        self.doc.setdefault(section, {})[f"new-{name}" if self.ch(.5) else name] = thing

    def rename_feature(self, feature):
        for key in ("tenants", "adoption"):
            if key in feature:
                feature[key] = self.fit(key, feature[key])
        for key in oracle.LISTS:
            for line in feature.get(key, []):
                self.rename_line(line)

    def rename_line(self, line):
        for key in ("per", "tenants", "endpoint", "table", "queue", "model"):
            if key in line:
                line[key] = self.fit(key, line[key])
        if "model" in line:
            self.name_units(line)

    def name_units(self, line):
        model = object.__new__(oracle.Model)
        model.doc = self.doc
        if line["model"] in self.doc.get("models", {}):
            units = model.model_units(line["model"])
            amount = next(iter(line["units"].values())) if is_map(line["units"]) else line["units"]
            line["units"] = amount if len(units) == 1 else dict.fromkeys(units, amount)

    def add_line(self):
        feature = self.pick(self.doc.get("features", {}).values())
        found = self.pick((key, line) for doc in donors() for _, _, key, line in lines_of(doc) if "after" not in line)
        if feature is None:
            return
        key, line = found[0], copy.deepcopy(found[1])
        self.rename_line(line)
        if self.ch(.7):
            line["id"] = self.r.choice(["new", "added-line", "a.b", "zz"])
        feature.setdefault(key, []).append(line)

    def add_inner(self):
        """an endpoint, a pack, a tier of a table by tier, a table of keys"""
        api = self.pick(self.doc.get("apis", {}).values())
        if api is None:
            return
        kind = self.r.choice(["endpoint", "pack", "limit"])
        thing = copy.deepcopy(self.pick(table for doc in donors() for other, table in tables_of(doc) if other == kind))
        if thing is None:
            return
        if kind == "endpoint":
            api.setdefault("endpoints", {})[self.r.choice(["/new/", "added", "GET /x/{id}"])] = thing
        elif kind == "pack":
            thing["name"] = self.r.choice(["added", "big.pack"])
            api.setdefault("packs", []).append(thing)
        else:
            thing = {key: self.fit(key, value) for key, value in thing.items()}
            api.setdefault("limits", []).append({**thing, "id": "added"})

    def by_name(self):
        """an entry of a table by name comes or goes"""
        slots = [table[key] for _, table in tables_of(self.doc) for key in BY_TIER + ("capacity",)
                 if key in table and is_map(table[key])
                 and "now" not in table[key]]
        table = self.pick(slots)
        if not table:
            return
        if len(table) > 1 and self.ch(.5):
            del table[self.pick(table)]
        else:
            value = copy.deepcopy(self.pick(table.values()))
            table[self.pick([*self.doc.get("tenants", {}), "requests", "all"])] = value

    def remove(self):
        section = self.r.choice(SECTIONS)
        name = self.pick(self.doc.get(section, {}))
        if name is None:
            return
        self.gone(section, name)
        if not self.doc[section]:
            del self.doc[section]

    def gone(self, section, name):
        doc = self.doc
        del doc[section][name]
        if section in ("apis", "tables", "queues", "models"):
            for _, feature, key, line in list(lines_of(doc)):
                used = line[oracle.TARGET[key]]
                is_use = used == name if section != "apis" else used.startswith(name + ":") or not self.is_declared(used)
                if {"calls": "apis", "reads": "tables", "writes": "tables", "messages": "queues", "inference": "models"}[key] == section and is_use:
                    feature[key].remove(line)
            for queue in doc.get("queues", {}).values():
                if queue.get("workers", {}).get("api") == name:
                    del queue["workers"]["api"]
        if section in ("tables", "databases"):
            key = "from" if section == "tables" else "database"
            for other, table in list(doc.get("tables", {}).items()):
                if table.get(key) == name and other in doc["tables"]:
                    if section == "databases" and doc["databases"] and self.ch(.7):
                        table[key] = self.pick(doc["databases"])
                    else:
                        self.gone("tables", other)
        if section == "entities":
            for _, feature, key, line in list(lines_of(doc)):
                if line.get("per") == name:
                    feature[key].remove(line)
            for table in doc.get("tables", {}).values():
                if table.get("per") == name:
                    table["per"] = "project"
        if section == "tenants":
            for kind, table in tables_of(doc):
                if name in table.get("tenants", []):
                    table["tenants"].remove(name)
                for key in BY_TIER:
                    if is_map(table.get(key)):
                        table[key].pop(name, None)

    def is_declared(self, path):
        api, colon, rest = path.partition(":")
        apis = self.doc.get("apis", {})
        if colon and api in apis:
            return rest in apis[api].get("endpoints", {})
        return any(path in api.get("endpoints", {}) for api in apis.values())

    def remove_inner(self):
        """a line, an endpoint, a pack, or a table of keys"""
        slots = [(feature[key], line) for _, feature, key, line in lines_of(self.doc)]
        for api in self.doc.get("apis", {}).values():
            slots += [(api["packs"], pack) for pack in api.get("packs", [])]
            slots += [(api["limits"], limit) for limit in api.get("limits", [])]
            slots += [(api["endpoints"], path) for path in api.get("endpoints", {})]
        if slots:
            holder, what = self.pick(slots)
            if isinstance(holder, list):
                holder.remove(what)
            else:
                del holder[what]

    EDITS = [key] * 6 + [number] * 4 + [timing] + [population] * 2 + [order] + [add] * 3 + [add_line] * 2 + [add_inner] \
        + [by_name] + [remove] * 3 + [remove_inner] * 2


def is_estimate(value):
    return isinstance(value, dict) and not is_map(value)


def scaled(value, factor):
    """a number, or the number that a value starts with, times a factor"""
    if is_estimate(value):
        quantiles = {key: scaled(inner, factor) for key, inner in value.items()}
        return None if None in quantiles.values() else quantiles
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, Decimal)):
        number = Decimal(str(value)) * factor
        return int(number) if number == number.to_integral_value() else number
    if isinstance(value, str):
        match = re.fullmatch(r"((?:every )?)([0-9][0-9_]*(?:\.[0-9]+)?)([ A-Za-z%/].*)", value)
        if match:
            number = Decimal(match[2].replace("_", "")) * factor
            return f"{match[1]}{number.normalize():f}{match[3]}"
    return None


def at_points(value):
    """a document with every estimate at its p50, which costs no draws"""
    if isinstance(value, dict):
        if "p50" in value:
            return value["p50"]
        if "each" in value:
            return value
        return {key: at_points(inner) for key, inner in value.items()}
    return [at_points(inner) for inner in value] if isinstance(value, list) else value


def valid(caplint, docs):
    """which of these documents are valid projects"""
    with tempfile.TemporaryDirectory() as top:
        for index, doc in enumerate(docs):
            folder = os.path.join(top, f"{index:05}")
            os.makedirs(folder)
            with open(os.path.join(folder, "capacity.toml"), "w") as file:
                file.write(generate.dump({"project": {}, **at_points(doc)}))
        done = subprocess.run([caplint, "check", "--format", "json", "--exit-zero"], cwd=top, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=600, check=True)
    wrong = {project["root"] for project in json.loads(done.stdout)["projects"]
             if any(found["rule"] in FILE_RULES for found in project["findings"])}
    return [f"{index:05}" not in wrong for index in range(len(docs))]


def is_readable(doc):
    try:
        case = oracle.Case(oracle.Model(doc), oracle.World(0))
        for meter in case.meters():
            meter.demand()
    except Exception:
        return False
    return True


def edited(caplint, base, r, edits):
    """the base after edits; those that make it invalid are left out"""
    head, done = base, 0
    while done < edits:
        chain = []
        while done < edits:
            done += 1
            edit = Edits(copy.deepcopy(chain[-1] if chain else head), r.random())
            try:
                r.choice(Edits.EDITS)(edit)
                doc = parsed(edit.doc)
            except (KeyError, ValueError, IndexError):
                continue
            if doc != (chain[-1] if chain else head) and is_readable(doc):
                chain.append(doc)
        good = valid(caplint, chain) if chain else []
        first_bad = good.index(False) if False in good else len(good)
        head = chain[first_bad - 1] if first_bad else head
        # What follows an edit that has to go is made anew.
        done -= max(0, len(chain) - first_bad - 1)
    return head


def parsed(doc):
    """a document as it is once written and read"""
    return oracle.tomllib.loads(generate.dump(doc), parse_float=Decimal)


def head_of(caplint, seed, base_folder, head_folder):
    """writes a base and a head; returns whether the head could be made"""
    r = random.Random(f"pair{seed}")
    size = r.choice(["small", "medium", "medium", "large"])
    base = generate.Gen(seed, r.random() < .7, size, r.random() < .4, WITHOUT).build()
    base = parsed({section: body for section, body in base.items() if section not in JUDGING})
    head = copy.deepcopy(base)
    if seed % 10 == 0:
        # Another project altogether.
        head = parsed(copy.deepcopy(r.choice(donors())))
    if seed % 10 == 1:
        base, head = r.choice([(base, {}), ({}, base)])
    elif seed % 10 != 0:
        head = edited(caplint, base, r, r.randint(3, 20))
    if head == base:
        return False
    for doc, folder, files in ((base, base_folder, seed), (head, head_folder, seed + r.choice([0, 0, 1]))):
        os.makedirs(folder, exist_ok=True)
        generate.write(doc or {"project": {}}, folder, files)
        if not os.path.exists(os.path.join(folder, "capacity.toml")):
            with open(os.path.join(folder, "capacity.toml"), "w") as file:
                file.write("[project]\n" if "project" in doc else "")
    return True
