# shellcheck shell=bash
# Gets the commits that a comparison needs and a shallow checkout lacks, and the capacity files of
# these that a partial one lacks. Sourced by judge.sh.
#
# It mirrors how caplint chooses what is compared. Where it can't get a commit it only says so:
# caplint then finds no comparison and exits with 3. A full clone is never given a depth, which
# would cut its history off.

: "${directory:=.}"

# The workspace may be another user's where the job runs in a container. Its files may be laid out
# as a bare repository, whose configuration would run programs: git is to take none for one.
git_here() {
    GIT_TERMINAL_PROMPT=0 git -c safe.directory='*' -c safe.bareRepository=explicit -C "$directory" "$@"
}

is_shallow() {
    [[ $(git_here rev-parse --is-shallow-repository) == true ]]
}

is_partial() {
    git_here config --get-regexp '^remote\..*\.promisor$' >/dev/null
}

# The commits that may be compared, by any name.
compared=(HEAD)

has_commit() {
    git_here cat-file -e "$1^{commit}" 2>/dev/null
}

# fetch ARGUMENT…: from origin, with the token only where the checkout kept no credentials of its
# own. It travels in the environment, where no list of processes shows it.
fetch() {
    local url server=${GITHUB_SERVER_URL:-https://github.com} basic
    local -a get=(-c "fetch.negotiationAlgorithm=${negotiation:-default}" fetch --quiet --no-tags --no-recurse-submodules)
    if git_here "${get[@]}" "$@"; then
        return
    fi
    url=$(git_here remote get-url origin) || return 1
    if [[ -z ${CAPLINT_TOKEN-} || $url != "$server"/* ]]; then
        return 1
    fi
    basic=$(printf 'x-access-token:%s' "$CAPLINT_TOKEN" | base64 | tr -d '\n')
    GIT_CONFIG_COUNT=1 \
        GIT_CONFIG_KEY_0="http.$server/.extraheader" \
        GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $basic" \
        git_here "${get[@]}" "$@"
}

# One commit, without its history where that is not here anyway.
get_commit() {
    compared+=("$1")
    has_commit "$1" && return
    say "fetching $1"
    if is_shallow; then
        fetch --depth=1 origin "$1"
    else
        fetch origin "$1"
    fi
}

# The tip of a branch, as origin/BRANCH.
get_branch() {
    local refspec="+refs/heads/$1:refs/remotes/origin/$1"
    compared+=("refs/remotes/origin/$1")
    git_here rev-parse --verify --quiet --end-of-options "refs/remotes/origin/$1^{commit}" >/dev/null && return
    say "fetching the branch $1"
    if is_shallow; then
        fetch --depth=1 origin "$refspec"
    else
        fetch origin "$refspec"
    fi
}

# is_certain BRANCH COMMIT: whether their merge bases are surely those of the whole history. In a
# shallow clone a newer one may lie in what is missing, unless all that the clone has of both
# histories ends in ancestors of each base.
is_certain() {
    local shallow base
    local -a bases=()
    # Not mapfile: macOS has bash 3.2.
    while IFS= read -r base; do bases+=("$base"); done < <(
        git_here merge-base --all "refs/remotes/origin/$1" "$2" 2>/dev/null
    )
    ((${#bases[@]})) || return 1
    compared+=("${bases[@]}")
    is_shallow || return 0
    shallow=$(git_here rev-parse --path-format=absolute --git-path shallow) || return 1
    for base in "${bases[@]}"; do
        ! git_here rev-list "refs/remotes/origin/$1" "$2" --not "$base" | grep -qxFf "$shallow" || return 1
    done
}

# get_merge_base BRANCH [COMMIT]: as much history as it takes to find where the commit, which is
# HEAD by default, and origin/BRANCH parted: four times as much each time, and all of it in the end.
get_merge_base() {
    local branch=$1 more commit
    get_branch "$branch" || return 1
    commit=$(git_here rev-parse --verify --quiet --end-of-options "${2:-HEAD}^{commit}") || return 1
    for more in 50 200 800 all; do
        is_certain "$branch" "$commit" && return
        is_shallow || return 1
        say "fetching more history, to find what $branch and $commit share"
        if [[ $more == all ]]; then
            fetch --unshallow origin
        else
            fetch --deepen="$more" origin "+refs/heads/$branch:refs/remotes/origin/$branch" "$commit"
        fi || return 1
    done
    is_certain "$branch" "$commit"
}

# The first parent of HEAD, which a shallow clone knows the name of even where it lacks it.
first_parent() {
    git_here cat-file -p HEAD | awk '!NF { exit } $1 == "parent" { print $2; exit }'
}

# resolved NAME: a name as caplint finds it, a branch of origin where there is no local one.
resolved() {
    local name=$1
    if [[ -z $name ]] || git_here rev-parse --verify --quiet --end-of-options "$name^{commit}" >/dev/null; then
        printf '%s' "$name"
    elif git_here rev-parse --verify --quiet --end-of-options "refs/remotes/origin/$name^{commit}" >/dev/null; then
        printf 'origin/%s' "$name"
    else
        printf '%s' "$name"
    fi
}

# What a name given as an input stands for: a commit, or a branch of origin.
get_named() {
    local name=$1
    compared+=("$name")
    git_here rev-parse --verify --quiet --end-of-options "$name^{commit}" >/dev/null && return
    if is_commit "$name"; then
        get_commit "$name"
    else
        get_branch "${name#origin/}"
    fi
}

# Ready for two sides of a range, or for one.
get_asked() {
    local left right
    case $CAPLINT_BASE in
        *...*)
            left=${CAPLINT_BASE%%...*} right=${CAPLINT_BASE##*...}
            get_named "${right:-HEAD}" && get_named "${left:-HEAD}" || return 1
            is_commit "${left:-HEAD}" || get_merge_base "${left#origin/}" "$(resolved "${right:-HEAD}")"
            ;;
        *..*) get_named "${CAPLINT_BASE%%..*}" && get_named "${CAPLINT_BASE##*..}" ;;
        *)
            get_named "$CAPLINT_BASE" || return 1
            [[ -z ${CAPLINT_HEAD-} ]] || get_named "$CAPLINT_HEAD"
            ;;
    esac
}

get_for_push() {
    local before default
    before=$(event .before)
    default=$(event .repository.default_branch)
    if [[ -n $default && $(event .ref) != "refs/heads/$default" ]]; then
        get_merge_base "$default"
    elif [[ $before =~ [^0] ]]; then
        get_commit "$before"
    fi
}

# Started by hand or by the clock: the branch against where it left the default branch, which the
# clone is told the name of.
get_for_branch() {
    local default
    default=$(event .repository.default_branch)
    [[ -n $default ]] || return 0
    get_merge_base "$default" || return 1
    if ! git_here symbolic-ref --quiet refs/remotes/origin/HEAD >/dev/null; then
        git_here symbolic-ref refs/remotes/origin/HEAD "refs/remotes/origin/$default"
    fi
}

commit_of() {
    git_here rev-parse --verify --quiet --end-of-options "$1^{commit}"
}

# The modes and ids of a commit's capacity files, and of what may be one under a wrong name.
files_of() {
    local commit
    commit=$(commit_of "$1") || return 0
    git_here ls-tree -r --full-tree "$commit" |
        awk -F '\t' 'tolower($2) ~ /(^|["\/])capacity\.[a-z]+"?$/ { split($1, part, " "); print part[1], part[3] }'
}

# Of these files, the ids that are not here. A git that knows nothing of GIT_NO_LAZY_FETCH gets them.
missing_of() {
    awk '{ print $2 }' <<<"$1" | GIT_NO_LAZY_FETCH=1 git_here cat-file --batch-check |
        awk '$2 == "missing" { print $1 }' | sort -u
}

# The capacity files that a partial clone left out (a sparse checkout makes one), of all commits
# that may be compared. A link leads to a file of any name: then everything is fetched.
get_files() {
    local commit files at object
    local -a missing=()
    # The server is not told of the commits that are here: it would take it that their files are too.
    local negotiation=noop
    is_partial || return 0
    files=$(for commit in "${compared[@]}"; do files_of "$commit"; done)
    while IFS= read -r object; do missing+=("$object"); done < <(missing_of "$files")
    if grep -q '^120000 ' <<<"$files"; then
        say "fetching what the checkout left out"
        missing=()
        while IFS= read -r object; do missing+=("$object"); done < <(
            for commit in "${compared[@]}"; do commit_of "$commit"; done | sort -u
        )
        fetch --refetch --no-filter origin "${missing[@]}"
        return
    fi
    ((${#missing[@]})) || return 0
    say "fetching ${#missing[@]} capacity files that the checkout left out"
    for ((at = 0; at < ${#missing[@]}; at += 1000)); do
        fetch --no-write-fetch-head --filter=blob:none origin "${missing[@]:at:1000}" || return 1
    done
}

# Everything that the comparison needs.
get_what_is_compared() {
    get_base && get_files
}

get_base() {
    local parent head
    if [[ -n ${CAPLINT_BASE-} ]]; then
        get_asked
        return
    fi
    head=$(git_here rev-parse --verify --quiet HEAD) || return 0
    if [[ ${GITHUB_REF-} == refs/pull/*/merge && ${GITHUB_SHA-} == "$head" ]]; then
        parent=$(first_parent)
        [[ -z $parent ]] || get_commit "$parent"
        return
    fi
    case ${GITHUB_EVENT_NAME-} in
        pull_request*) get_merge_base "$(event .pull_request.base.ref)" ;;
        push) get_for_push ;;
        merge_group) get_commit "$(event .merge_group.base_sha)" ;;
        *) get_for_branch ;;
    esac
}
