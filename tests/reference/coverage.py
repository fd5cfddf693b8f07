#!/usr/bin/env python3
"""Which keys and words of the format random projects never use: python3 coverage.py A..B"""
import collections, json, random, sys, tomllib

import edges, generate

DEFINITIONS = edges.SCHEMA["definitions"]
paths = {}


def walk(node, at, seen=()):
    if "$ref" in node:
        name = node["$ref"].split("/")[-1]
        if seen.count(name) > 1:
            return
        seen += (name,)
        walk(DEFINITIONS[name], at, seen)
    for word in ("anyOf", "oneOf", "allOf"):
        for each in node.get(word, []):
            walk(each, at, seen)
    for key, each in node.get("properties", {}).items():
        paths.setdefault(f"{at}.{key}", set())
        walk(each, f"{at}.{key}", seen)
    for each in list(node.get("patternProperties", {}).values()) + [node.get("additionalProperties")]:
        if isinstance(each, dict):
            paths.setdefault(at + ".*", set())
            walk(each, at + ".*", seen)
    if isinstance(node.get("items"), dict):
        walk(node["items"], at, seen)
    if at in paths:
        paths[at].update(json.dumps(word) for word in node.get("enum", []))


def count(value, at, hits):
    hits[at] += 1
    if isinstance(value, dict):
        for key, each in value.items():
            count(each, f"{at}.{key}" if f"{at}.{key}" in paths else at + ".*", hits)
    elif isinstance(value, list):
        for each in value:
            count(each, at, hits)
    elif isinstance(value, str | bool):
        hits[f"{at}={json.dumps(value)}"] += 1


def main():
    walk(edges.SCHEMA, "")
    hits = collections.Counter()
    first, last = map(int, sys.argv[1].split(".."))
    for seed in range(first, last + 1):
        size = random.Random(f"size{seed}").choice(["small", "medium", "medium", "large"])
        gen = generate.Gen(seed, seed % 2 == 0, size, seed % 3 != 0)
        count(tomllib.loads(generate.dump(gen.build())), "", hits)
    never = [at for at in sorted(paths) if not hits[at]]
    never += [f"{at} = {word}" for at in sorted(paths) if hits[at] for word in sorted(paths[at]) if not hits[f"{at}={word}"]
              and not at.startswith(".rules.")]
    print("\n".join(never))
    print(f"{len(never)} of {len(paths)} keys and their words never used")


if __name__ == "__main__":
    main()
