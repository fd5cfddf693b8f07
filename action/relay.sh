#!/usr/bin/env bash
# Posts a comment that another workflow wrote, from a `workflow_run` event. The workflow of a fork
# may have put anything into its artifact, so nothing of it is believed: which pull request it is
# for comes from the event's commit, and the text is neutralised.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/common.sh
source "$here/common.sh"
answers=$(new_folder)
# shellcheck source=action/api.sh
source "$here/api.sh"

# The most bytes that are read, and the most characters that GitHub takes, less the marker.
most=65000

needs jq
needs curl
one_of comment "${CAPLINT_COMMENT:=on-change}" on-change always
check_comment_id "${CAPLINT_COMMENT_ID:=default}"
[[ ${GITHUB_EVENT_NAME-} == workflow_run ]] || refuse "the relay is for workflow_run, not for ${GITHUB_EVENT_NAME-}"

# The one open pull request whose head is the commit that was judged.
find_request() {
    local sha=$1 owner branch repository_id query
    owner=$(event .workflow_run.head_repository.owner.login)
    branch=$(event .workflow_run.head_branch)
    repository_id=$(event .workflow_run.head_repository.id)
    query=$(json -rn --arg head "$owner:$branch" '$head | @uri')
    patiently GET "$api_url/repos/$repository/pulls?state=open&per_page=100&head=$query"
    if [[ $status != 200 ]]; then
        say "the pull request can't be looked up: $(reason)" >&2
        return
    fi
    json -r --arg sha "$sha" --arg id "$repository_id" '
        [.[] | select(.head.sha == $sha and (.head.repo.id | tostring) == $id) | .number]
        | if length == 1 then .[0] else empty end' "$answers/body"
}

sha=$(event .workflow_run.head_sha)
is_commit "$sha" || refuse "the event names no commit"
number=$(find_request "$sha")
if ! [[ $number =~ ^[1-9][0-9]*$ ]]; then
    say "no one open pull request has ${sha} as its head; it has moved on, or was closed"
    exit 0
fi

body=$CAPLINT_FOLDER/comment.md
if [[ -L $body || ! -f $body ]]; then
    say "the artifact holds no comment.md"
    exit 0
fi
size=$(wc -c <"$body")
link=${GITHUB_SERVER_URL:-https://github.com}/$repository
if ((size > most)); then
    : >"$answers/text"
else
    json -Rrs --arg link "$link/blob/$sha/" -f "$here/neutralise.jq" <"$body" >"$answers/text"
fi
length=$(json -Rs length <"$answers/text")
{
    printf '*Reported by a run for %s, whose text is not verified: [the run](%s/actions/runs/%s).*\n\n' \
        "$sha" "$link" "$(event .workflow_run.id)"
    if ((size > most || length > most)); then
        printf 'The report is too long for a comment.\n'
    else
        cat "$answers/text"
    fi
} >"$answers/relayed.md"

# Whether a comment is created may follow the artifact: the worst that it can do is make one.
may_create=true
report=$CAPLINT_FOLDER/report.json
if [[ $CAPLINT_COMMENT == on-change && -f $report && ! -L $report ]] && (($(wc -c <"$report") < 20000000)); then
    news=0
    has_news "$report" 2>/dev/null || news=$?
    # Another code is of a report that can't be read.
    ((news != 1)) || may_create=false
fi
post "$number" "$CAPLINT_COMMENT_ID" "$sha" "$(event .workflow_run.id)" "$(event .workflow_run.run_attempt)" \
    "$answers/relayed.md" "$may_create"
