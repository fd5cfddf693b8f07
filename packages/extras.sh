#!/usr/bin/env bash
# extras.sh BINARY FOLDER: writes shell completions and man pages, below FOLDER/share as systems
# look for them.
set -euo pipefail
binary=$1 share=$2/share

completions() {
    mkdir -p "$share/$2"
    "$binary" completions "$1" >"$share/$2/$3"
}

completions bash bash-completion/completions caplint
completions zsh zsh/site-functions _caplint
completions fish fish/vendor_completions.d caplint.fish
"$binary" man --out "$share/man/man1"
