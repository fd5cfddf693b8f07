# What has to hold, as .ci/run has it.
check:
    .ci/run

# What takes long: thousands of generated projects, release builds of every package.
long:
    .ci/long

# Accept new expected output, after reading the diff.
accept:
    SNAPSHOTS=overwrite cargo test

# Ratios against a program that only reads and parses.
bench *sizes:
    cargo bench --profile profiling --bench monorepo -- {{sizes}}

# This caplint against another binary, both built as releases are: medians of 21 rounds in turn.
versus binary:
    cargo bench --bench monorepo -- --vs {{binary}}
