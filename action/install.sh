#!/usr/bin/env bash
# Finds, downloads or builds caplint, and says where it is in the output `path`.
#
# The runner's tool cache comes first. A release is downloaded only with its checksum, from
# action/checksums.txt of this checkout, else from the release. Where the version of this checkout
# was not released, this checkout is built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
source "$here/common.sh"

root=$(dirname "$here")
releases=${CAPLINT_RELEASES:-https://github.com/caplint/caplint/releases/download}

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

digest() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1" | cut -d ' ' -f 1
    else
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    fi
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

# The folder of the tool cache for a version, in the layout of the runner's own tools.
cached() {
    native "$cache/caplint/$1/$(tr '[:upper:]' '[:lower:]' <<<"$RUNNER_ARCH")"
}

# use FOLDER: answers with the binary in it.
use() {
    local binary=$1/caplint$suffix
    "$binary" --version
    output path "$binary"
    exit 0
}

# keep BINARY FOLDER: puts the binary into the tool cache, and uses it. The marker comes last, so
# that a half-written folder is never used.
keep() {
    mkdir -p "$2"
    cp "$1" "$2/caplint$suffix"
    chmod +x "$2/caplint$suffix"
    touch "$2.complete"
    use "$2"
}

use_if_cached() {
    local folder
    folder=$(cached "$1")
    if [[ -f $folder.complete && -f $folder/caplint$suffix ]]; then
        say "caplint $1 is in the tool cache"
        use "$folder"
    fi
}

# The checksum of an archive; ends with 4 where the release does not exist.
checksum() {
    local archive=$1 list=$root/action/checksums.txt status sums=$work/SHA256SUMS
    if [[ -f $list ]] && grep -q "  $archive\$" "$list"; then
        sums=$list
    else
        status=$(download "$releases/v$version/SHA256SUMS" "$sums")
        case $status in
            200) ;;
            404) exit 4 ;;
            *) exit 5 ;;
        esac
    fi
    awk -v archive="$archive" '$2 == archive { print $1 }' "$sums" | head -n 1
}

# Downloads, checks and unpacks a release. Returns 4 where there is none.
install_release() {
    local archive expected status code=0
    archive=caplint-$version-$(target).tar.gz
    expected=$(checksum "$archive") || code=$?
    case $code in
        0) ;;
        4) return 4 ;;
        *) refuse "the checksums of caplint $version can't be downloaded" ;;
    esac
    [[ $expected =~ ^[0-9a-f]{64}$ ]] || refuse "the release $version has no checksum of $archive"
    status=$(download "$releases/v$version/$archive" "$work/$archive")
    [[ $status == 200 ]] || refuse "$archive can't be downloaded: HTTP status $status"
    if [[ $(digest "$work/$archive") != "$expected" ]]; then
        refuse "$archive is not the file that was released: its checksum is not $expected"
    fi
    # Relative names: tar takes the colon of a Windows path for a host's.
    (cd "$work" && tar -xzf "$archive")
    keep "$work/caplint-$version-$(target)/caplint$suffix" "$(cached "$version")"
}

# Builds this checkout. What was built is kept under the digest of all that it was built from.
build() {
    local key list=$work/sources
    (
        cd "$root"
        find Cargo.toml Cargo.lock src crates docs/rules -type f | LC_ALL=C sort | while read -r file; do
            printf '%s  %s\n' "$(digest "$file")" "$file"
        done
    ) >"$list"
    key=source-$(digest "$list")
    use_if_cached "$key"
    command -v cargo >/dev/null ||
        refuse "caplint $(own_version) has no release for this runner, and there is no cargo to build it with"
    say "building caplint from $root"
    # From its own folder: cargo and rustup take settings, which may name programs to run, from the
    # folder they are started in, and that of the job is the checkout that is judged.
    (cd "$root" && cargo build --profile profiling --locked --target-dir "$work/target")
    keep "$work/target/profiling/caplint$suffix" "$(cached "$key")"
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

use_if_cached "$version"
needs curl
if target >/dev/null; then
    code=0
    install_release || code=$?
    ((code == 4)) || exit "$code"
    [[ -z $asked ]] || refuse "there is no release $version of caplint"
elif [[ -n $asked ]]; then
    refuse "there are no releases for $RUNNER_OS on $RUNNER_ARCH; set the input version to source"
fi
build
