# What has to hold, as .ci/run has it.
check:
    .ci/run

# What takes long: thousands of generated projects, release builds of every package.
long:
    .ci/long

# Accept new expected output, after reading the diff.
accept:
    SNAPSHOTS=overwrite cargo test

# Beside other programs, and how cost grows; `--write` puts it into docs/performance.md.
bench *arguments:
    cargo bench --profile profiling --bench monorepo -- {{arguments}}

# This caplint against another binary, both built as releases are: medians of 21 rounds in turn.
versus binary:
    cargo bench --bench monorepo -- --runs 21 --vs {{binary}}
