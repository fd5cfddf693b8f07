# What has to hold, as .ci/run has it.
check:
    .ci/run

# Accept new expected output, after reading the diff.
accept:
    SNAPSHOTS=overwrite cargo test

# Ratios against a program that only reads and parses.
bench *sizes:
    cargo bench --bench monorepo -- {{sizes}}
