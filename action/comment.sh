#!/usr/bin/env bash
# Keeps the one comment on a pull request up to date. It always succeeds: what can't be posted is
# said in the log, and never changes the verdict.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
source "$here/common.sh"
answers=$(new_folder)
# shellcheck source=action/api.sh
source "$here/api.sh"

check_comment_id "${CAPLINT_COMMENT_ID:=default}"
number=$(event .pull_request.number)
if ! [[ $number =~ ^[1-9][0-9]*$ ]]; then
    say "this run is for no pull request, so there is none to comment on"
    exit 0
fi
if [[ -z ${CAPLINT_TOKEN-} ]] || ! command -v curl >/dev/null; then
    say "there is no comment without a token and curl"
    exit 0
fi
sha=$(event .pull_request.head.sha)
is_commit "$sha" || sha=none

# Without a report there was no verdict; what a comment said of an earlier commit is no longer so.
may_create=false
if [[ $CAPLINT_COMMENT == always ]]; then
    may_create=true
elif [[ -n ${CAPLINT_REPORT-} ]] && has_news "$CAPLINT_REPORT"; then
    may_create=true
fi
post "$number" "$CAPLINT_COMMENT_ID" "$sha" "${GITHUB_RUN_ID:-0}" "${GITHUB_RUN_ATTEMPT:-0}" "$CAPLINT_BODY" "$may_create"
