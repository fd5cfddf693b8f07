#!/usr/bin/env bash
# archive.sh BINARY TARGET OUT [EXTRAS]: OUT/caplint-VERSION-TARGET.tar.gz, a folder with the
# binary, the licences, and what extras.sh wrote. action/install.sh unpacks it.
set -euo pipefail
binary=$1 target=$2 out=$3 extras=${4-}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
name=caplint-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/$name" "$out"
cp "$binary" "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$work/$name"
[[ -z $extras ]] || cp -R "$extras/share" "$work/$name"
tar -C "$work" -czf "$work/archive" "$name"
mv "$work/archive" "$out/$name.tar.gz"
