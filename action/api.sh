# shellcheck shell=bash
# The few requests that the comment needs. Sourced by comment.sh and relay.sh, which set `answers`
# to a folder. Nothing here ends the script: a comment never changes a verdict.

api_url=${GITHUB_API_URL:-https://api.github.com}
graphql_url=${GITHUB_GRAPHQL_URL:-https://api.github.com/graphql}
repository=${GITHUB_REPOSITORY-}
status=000

# request METHOD URL [FILE]: sends the JSON in the file, and sets `status` to the HTTP status, 000
# where nobody answered. The answer is in $answers/body and $answers/head. The token goes through
# standard input, where no list of processes shows it.
request() {
    local -a arguments=(
        --silent --config - --request "$1" --connect-timeout 10 --max-time 30 --max-filesize 20000000
        --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28'
        --output "$answers/body" --dump-header "$answers/head" --write-out '%{http_code}'
    )
    [[ -z ${3-} ]] || arguments+=(--header 'Content-Type: application/json' --data-binary "@$3")
    : >"$answers/body"
    : >"$answers/head"
    status=$(printf 'header = "Authorization: Bearer %s"\n' "$CAPLINT_TOKEN" | curl "${arguments[@]}" "$2") || status=000
}

# Whether it may go better in a moment.
is_passing() {
    [[ $status == 000 || $status == 429 || $status == 5?? ]]
}

pause() {
    sleep "$((${CAPLINT_RETRY_SECONDS:-2} * (1 << ($1 - 1))))"
}

# patiently METHOD URL [FILE]: a request that may be repeated, at most four times.
patiently() {
    local attempt
    for attempt in 1 2 3 4; do
        request "$@"
        is_passing || return 0
        ((attempt == 4)) || pause "$attempt"
    done
}

# Why the last request failed, in one line.
reason() {
    local message
    message=$(json -r '.message // empty' "$answers/body" 2>/dev/null | tr -d '\000-\037' | head -c 300) || true
    case $status in
        000) printf 'nobody answered' ;;
        403) printf 'status 403, the token may not comment here (a fork gets a read-only one): %s' "$message" ;;
        *) printf 'status %s: %s' "$status" "$message" ;;
    esac
}

# Who the token is: the only author whose comments are updated.
whoami() {
    local login=
    printf '{"query":"query{viewer{login}}"}' >"$answers/query"
    patiently POST "$graphql_url" "$answers/query"
    if [[ $status == 200 ]]; then
        login=$(json -r '.data.viewer.login // empty' "$answers/body" 2>/dev/null) || true
    fi
    # The name that a workflow's own token has.
    printf '%s' "${login:-github-actions[bot]}"
}

# find_comments NUMBER ID AUTHOR: writes `comment run attempt` of each comment of the author with
# this id to $answers/found, oldest first. The marker stands at the very beginning.
find_comments() {
    local page
    : >"$answers/found"
    for ((page = 1; page <= 100; page++)); do
        patiently GET "$api_url/repos/$repository/issues/$1/comments?per_page=100&page=$page"
        [[ $status == 200 ]] || return 1
        json -r --arg id "$2" --arg author "$3" '
            .[] | select((.user.login // "" | ascii_downcase) == ($author | ascii_downcase))
            | .id as $comment
            | (.body // "" | capture(
                "^<!-- caplint:(?<id>[A-Za-z0-9._/-]+) (?<sha>[0-9a-f]+|none)(?: run (?<run>[0-9]+)\\.(?<attempt>[0-9]+))? -->"))
            | select(.id == $id)
            | "\($comment) \(.run // 0) \(.attempt // 0)"' "$answers/body" >>"$answers/found" || return 1
        grep -qi '^link:.*rel="next"' "$answers/head" || return 0
    done
}

# newer RUN ATTEMPT: whether a comment that was found is of a later run.
newer() {
    awk -v run="$1" -v attempt="$2" \
        '$2 + 0 > run + 0 || ($2 + 0 == run + 0 && $3 + 0 > attempt + 0) { found = 1 } END { exit !found }' \
        "$answers/found"
}

# create NUMBER ID AUTHOR FILE: a request that was answered with a fault may have been carried out
# all the same, so it is looked for before it is repeated.
create() {
    local attempt
    for attempt in 1 2 3 4; do
        request POST "$api_url/repos/$repository/issues/$1/comments" "$4"
        is_passing || return 0
        ((attempt < 4)) || return 0
        pause "$attempt"
        local before=$status
        if find_comments "$1" "$2" "$3" && [[ -s $answers/found ]]; then
            status=201
            return 0
        fi
        status=$before
    done
}

# post NUMBER ID SHA RUN ATTEMPT FILE MAY_CREATE: makes or updates the one comment. The file's own
# marker, if it has one, is replaced.
post() {
    local number=$1 id=$2 sha=$3 run=$4 attempt=$5 file=$6 may_create=$7 author comment
    author=$(whoami)
    if ! find_comments "$number" "$id" "$author"; then
        say "the comments can't be read: $(reason)"
        return
    fi
    if newer "$run" "$attempt"; then
        say "a newer run has commented already; its comment stands"
        return
    fi
    {
        printf '<!-- caplint:%s %s run %s.%s -->\n' "$id" "$sha" "$run" "$attempt"
        sed '1{/^<!-- caplint:[^>]*-->$/d;}' "$file"
    } >"$answers/comment.md"
    json -n --rawfile body "$answers/comment.md" '{body: $body}' >"$answers/payload"
    comment=$(awk 'NR == 1 { print $1 }' "$answers/found")
    if [[ -n $comment ]]; then
        patiently PATCH "$api_url/repos/$repository/issues/comments/$comment" "$answers/payload"
    elif [[ $may_create == true ]]; then
        create "$number" "$id" "$author" "$answers/payload"
    else
        say "there is nothing to say, and no comment to update"
        return
    fi
    case $status in
        200) say "updated the comment on #$number" ;;
        201) say "commented on #$number" ;;
        *) say "the comment could not be written: $(reason). The job's summary has the report." ;;
    esac
}
