#!/usr/bin/env bash
# Judges a change: reports in the log, the job's summary, annotations, a SARIF file and the
# outputs. It succeeds whatever the verdict is, which the action's last step gives, with the
# output `exit-code`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
source "$here/common.sh"
# shellcheck source=action/base.sh
source "$here/base.sh"

directory=${CAPLINT_DIRECTORY:-.}

check_inputs() {
    needs git
    needs jq
    one_of fail-on "${CAPLINT_FAIL_ON:=error}" error warning info never
    one_of accept-policy "${CAPLINT_ACCEPT_POLICY:=false}" true false
    one_of comment "${CAPLINT_COMMENT:=on-change}" on-change always never
    one_of summary "${CAPLINT_SUMMARY:=true}" true false
    one_of annotations "${CAPLINT_ANNOTATIONS:=true}" true false
    check_comment_id "${CAPLINT_COMMENT_ID:=default}"
    [[ -d $directory ]] || refuse "the input working-directory is '$directory', which is no folder"
    if [[ -n ${CAPLINT_HEAD-} && -z ${CAPLINT_BASE-} ]]; then
        refuse "the input head says what is judged, and base is missing: with what it is compared"
    fi
    # A path would be a file of the pull request's own.
    local side
    for side in "${CAPLINT_BASE-}" "${CAPLINT_HEAD-}"; do
        case $side in
            . | .. | ./* | ../* | /*) refuse "'$side' is a path; the inputs base and head name revisions" ;;
        esac
    done
}

# The commit that is judged.
judged() {
    local name=
    case ${CAPLINT_BASE-} in
        *..*) name=${CAPLINT_BASE##*..} ;;
        *) name=${CAPLINT_HEAD:-HEAD} ;;
    esac
    name=${name:-HEAD}
    git_here rev-parse --verify --quiet --end-of-options "$name^{commit}" ||
        git_here rev-parse --verify --quiet --end-of-options "origin/$name^{commit}" ||
        true
}

# An absolute path, from the workspace where it is not one.
from_workspace() {
    case $1 in
        /* | [A-Za-z]:*) native "$1" ;;
        *) native "${GITHUB_WORKSPACE:-$PWD}/$1" ;;
    esac
}

# Runs caplint. Its report, which holds text that anyone may have written, is printed where the
# runner takes no commands from it.
judge() {
    local -a arguments=(
        -C "$directory" diff --fail-on "$CAPLINT_FAIL_ON" --color never --comment-id "$CAPLINT_COMMENT_ID"
        --output "json=$folder/report.json" --output "markdown=$folder/comment.md"
        --output "github=$folder/annotations.txt"
    )
    if [[ -n $head && -n ${GITHUB_REPOSITORY-} ]]; then
        arguments+=(--link "${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/blob/$head/")
    fi
    [[ $CAPLINT_ACCEPT_POLICY == false ]] || arguments+=(--accept-policy)
    local file
    while IFS= read -r file; do
        file=${file%$'\r'}
        [[ -z $file ]] || arguments+=("--usage=$file")
    done <<<"${CAPLINT_USAGE-}"
    [[ -z ${CAPLINT_SARIF_FILE-} ]] || arguments+=(--output "sarif=$(from_workspace "$CAPLINT_SARIF_FILE")")
    case ${CAPLINT_BASE-} in
        '') ;;
        *...*) arguments+=(-- "$(resolved "${CAPLINT_BASE%%...*}")...$(resolved "${CAPLINT_BASE##*...}")") ;;
        *..*) arguments+=(-- "$(resolved "${CAPLINT_BASE%%..*}")..$(resolved "${CAPLINT_BASE##*..}")") ;;
        *) arguments+=(-- "$(resolved "$CAPLINT_BASE")" "$(resolved "${CAPLINT_HEAD:-HEAD}")") ;;
    esac
    code=0
    "$CAPLINT" "${arguments[@]}" >"$folder/report.txt" 2>"$folder/notes.txt" || code=$?

    local stop
    stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$stop"
    cat "$folder/report.txt" "$folder/notes.txt"
    printf '\n::%s::\n' "$stop"
}

# A verdict without the report that it rests on is none.
has_report() {
    ((code <= 1)) && [[ -s $folder/comment.md ]] &&
        json -e '.format == "caplint.report/1"' "$folder/report.json" >/dev/null 2>&1
}

report_verdict() {
    local verdict=pass
    ((code == 0)) || verdict=fail
    output verdict "$verdict"
    output new-findings "$(json '[.projects[].findings[]
        | select(.state == "new" or .state == "worsened")
        | select(.waived == null and (.severity == "error" or .severity == "warning"))] | length' \
        "$folder/report.json")"
    output report-json "$folder/report.json"
    output base-sha "$(json -r '.base.commit // ""' "$folder/report.json")"
    output head-sha "$(json -r --arg head "$head" '.head.commit // $head' "$folder/report.json")"
    [[ $CAPLINT_ANNOTATIONS == false ]] || cat "$folder/annotations.txt"
    if [[ $CAPLINT_SUMMARY == true ]]; then
        # Without the marker, which is for finding the comment.
        tail -n +2 "$folder/comment.md" >>"$GITHUB_STEP_SUMMARY"
    fi
}

# Why there is no verdict, as a code block whatever stands in it: indented.
report_error() {
    local why
    why=$(head -c 4000 "$folder/notes.txt")
    ((code > 1)) || code=70
    {
        printf '<!-- caplint:%s %s -->\n' "$CAPLINT_COMMENT_ID" "${head:-none}"
        printf '### ❔ caplint could not judge this change\n\n'
        printf 'It exited with %s:\n\n' "$code"
        printf '%s\n' "${why:-It said nothing.}" | tr -d '\r' | sed 's/^/    /'
    } >"$folder/comment.md"
    output verdict error
    output new-findings 0
    output report-json ""
    output base-sha ""
    output head-sha "$head"
    printf '::error title=caplint::%s\n' "$(escaped "no verdict, exit code $code: $why")"
    tail -n +2 "$folder/comment.md" >>"$GITHUB_STEP_SUMMARY"
}

check_inputs
folder=$(new_folder)
get_what_is_compared || say "what the comparison needs could not be fetched"
head=$(judged)
judge
if has_report; then report_verdict; else report_error; fi
output comment-body "$folder/comment.md"
output exit-code "$code"
