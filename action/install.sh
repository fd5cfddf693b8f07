#!/usr/bin/env bash
# Downloads or builds caplint, and says where it is in the output `path`.
#
# A release counts only with the checksum that action/checksums.txt of this checkout has of its
# archive: what the runner's tool cache keeps is that archive, checked again on each use, since other
# jobs can write there. A version without a checksum there is none; this checkout's own is then
# built, and kept only for as long as the job runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
source "$here/common.sh"

root=$(dirname "$here")
releases=https://github.com/caplint/caplint/releases/download

# The name that the platform has in releases.
target() {
    case ${RUNNER_OS:?}-${RUNNER_ARCH:?} in
        Linux-X64) echo x86_64-unknown-linux-musl ;;
        Linux-ARM64) echo aarch64-unknown-linux-musl ;;
        macOS-X64) echo x86_64-apple-darwin ;;
        macOS-ARM64) echo aarch64-apple-darwin ;;
        Windows-X64) echo x86_64-pc-windows-msvc ;;
        Windows-ARM64) echo aarch64-pc-windows-msvc ;;
        *) return 1 ;;
    esac
}

# The checksums of files, a line each with its name.
checksums() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$@"
    else
        shasum -a 256 "$@"
    fi
}

digest() {
    checksums <"$1" | cut -d ' ' -f 1
}

# download URL FILE: prints the HTTP status, 000 where nobody answered.
download() {
    curl --silent --location --retry 3 --connect-timeout 10 --max-time 300 \
        --proto-redir '=https' --output "$2" --write-out '%{http_code}' "$1" || true
}

# The version of this checkout.
own_version() {
    sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1
}

# use BINARY: answers with it.
use() {
    "$1" --version
    output path "$1"
    exit 0
}

# The checksum that this checkout has of an archive.
checksum() {
    awk -v archive="$1" '$2 == archive { print $1 }' "$root/action/checksums.txt" | head -n 1
}

# Where the tool cache keeps an archive, in the layout of the runner's own tools.
cached() {
    native "$cache/caplint/$version/$(tr '[:upper:]' '[:lower:]' <<<"$RUNNER_ARCH")/$1"
}

# Copies a file to this step's own folder, where no other job writes, if its checksum is the right
# one: what was checked is what is used.
take() {
    cp "$1" "$work/archive" 2>/dev/null && [[ $(digest "$work/archive") == "$2" ]]
}

# Unpacks the release, from the tool cache or downloaded. Returns where this checkout knows none.
use_release() {
    local name expected kept status
    name=caplint-$version-$(target)
    expected=$(checksum "$name.tar.gz")
    [[ -n $expected ]] || return 0
    [[ $expected =~ ^[0-9a-f]{64}$ ]] || refuse "action/checksums.txt has no checksum of $name.tar.gz that can be read"
    kept=$(cached "$name.tar.gz")
    if take "$kept" "$expected"; then
        say "caplint $version is in the tool cache"
    else
        needs curl
        status=$(download "$releases/v$version/$name.tar.gz" "$work/download")
        [[ $status == 200 ]] || refuse "$name.tar.gz can't be downloaded: HTTP status $status"
        take "$work/download" "$expected" ||
            refuse "$name.tar.gz is not the file that was released: its checksum is not $expected"
        mkdir -p "$(dirname "$kept")"
        # Not in place: another job may be reading it.
        cp "$work/archive" "$kept.$$" && mv -f "$kept.$$" "$kept"
    fi
    # Relative names: tar takes the colon of a Windows path for a host's.
    (cd "$work" && tar -xzf archive)
    use "$work/$name/caplint$suffix"
}

# Builds this checkout. What was built is kept for the job's other steps, in its own folder of
# temporary files, under the digest of all that it was built from.
build() {
    local list=$work/sources kept
    (
        cd "$root"
        files=()
        while IFS= read -r file; do files+=("$file"); done < <(
            find Cargo.toml Cargo.lock src crates docs/rules -type f | LC_ALL=C sort
        )
        checksums "${files[@]}"
    ) >"$list"
    kept=$(native "$RUNNER_TEMP/caplint-built-$(digest "$list")")
    [[ ! -x $kept/caplint$suffix ]] || use "$kept/caplint$suffix"
    command -v cargo >/dev/null ||
        refuse "this checkout has no release of caplint $(own_version) for this runner, and there is no cargo to build it with"
    say "building caplint from $root"
    # From its own folder: cargo and rustup take settings, which may name programs to run, from the
    # folder they are started in, and that of the job is the checkout that is judged.
    (cd "$root" && cargo build --profile profiling --locked --target-dir "$work/target")
    mkdir "$work/built"
    mv "$work/target/profiling/caplint$suffix" "$work/built"
    mv "$work/built" "$kept"
    use "$kept/caplint$suffix"
}

suffix=
[[ ${RUNNER_OS:?is set by the runner} == Windows ]] && suffix=.exe
cache=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:?is set by the runner}/tools}
work=$(new_folder)
asked=${CAPLINT_VERSION-}
version=${asked#v}
[[ $asked == source ]] && build
[[ -n $version ]] || version=$(own_version)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    refuse "the input version is '$asked'; it is a version such as 0.1.0, or source"
if target >/dev/null; then
    use_release
    [[ -z $asked ]] ||
        refuse "action/checksums.txt of this checkout of the action has no release $version of caplint; use the action's own tag v$version"
elif [[ -n $asked ]]; then
    refuse "there are no releases for $RUNNER_OS on $RUNNER_ARCH; set the input version to source"
fi
build
