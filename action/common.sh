# shellcheck shell=bash
# What the action's scripts share. Sourced, never run.

# A line for the job's log. Line ends would begin a line that the runner could take for a command;
# commands of the old kind, `##[`, it takes anywhere in a line.
say() {
    printf 'caplint: %s\n' "$(printf '%s' "$*" | tr '\r\n' '  ' | sed 's/##\[/# # [/g')"
}

# Text as the data of a workflow command.
escaped() {
    local text=$1 return=$'\r' feed=$'\n'
    text=${text//'%'/%25}
    text=${text//"$return"/%0D}
    text=${text//"$feed"/%0A}
    printf '%s' "$text"
}

# Ends the action: it was asked wrongly, or can't run here.
refuse() {
    printf '::error title=caplint::%s\n' "$(escaped "$1")"
    exit 2
}

# A path that bash and native programs both understand; the same path but on Windows.
native() {
    if command -v cygpath >/dev/null; then
        cygpath --mixed "$1"
    else
        printf '%s' "$1"
    fi
}

# A new folder of this step's own.
new_folder() {
    local parent
    parent=$(native "${RUNNER_TEMP:?is set by the runner}")
    mktemp -d "$parent/caplint.XXXXXX"
}

# A line end in a value would begin another output.
output() {
    printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr -d '\r\n')" >>"${GITHUB_OUTPUT:?is set by the runner}"
}

one_of() {
    local name=$1 value=$2 allowed
    shift 2
    for allowed in "$@"; do
        [[ $value == "$allowed" ]] && return
    done
    refuse "the input $name is '$value'; it is one of: $*"
}

needs() {
    command -v "$1" >/dev/null || refuse "$1 is not on this runner; the action needs it"
}

# jq, which ends lines in its own way on Windows.
json() {
    jq "$@" | tr -d '\r'
}

# A field of the event, or nothing.
event() {
    [[ -f ${GITHUB_EVENT_PATH-} ]] || return 0
    json -r "$1 // empty | tostring" "$GITHUB_EVENT_PATH"
}

# Two dashes would end the hidden comment that the id stands in.
check_comment_id() {
    if ! [[ $1 =~ ^[A-Za-z0-9._/]+(-[A-Za-z0-9._/]+)*$ && ${#1} -le 100 ]]; then
        refuse "the input comment-id may hold letters, digits, points, slashes and single dashes, at most 100"
    fi
}

is_commit() {
    [[ $1 =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ ]]
}

# Whether a report has anything to say: meters that moved, or findings that came, grew or went.
has_news() {
    json -e '[.projects[] | (.changes | length),
        ([.findings[] | select(.state == "new" or .state == "worsened" or .state == "fixed")] | length)
    ] | add // 0 | . > 0' "$1" >/dev/null
}
