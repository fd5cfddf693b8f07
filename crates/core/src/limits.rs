//! How much caplint takes on. Pull requests come from strangers: every size, count and depth
//! that they choose is bounded here, far above what real repositories have.

/// The largest capacity file that is read, in bytes. The largest of a monorepo's root files
/// are some tens of kilobytes.
pub const FILE_BYTES: u64 = 1 << 20;

/// The most capacity files in one state.
pub const CAPACITY_FILES: usize = 50_000;

/// The most text of capacity files in one state, in bytes.
pub const TOTAL_BYTES: u64 = 256 << 20;

/// The most paths in one state. A few thousand tree objects can name billions of paths, by
/// holding each other many times over.
pub const PATHS: usize = 2_000_000;

/// The deepest nesting of folders.
pub const FOLDER_DEPTH: usize = 256;

/// The longest path, in bytes: the longest that Linux opens.
pub const PATH_BYTES: usize = 4096;

/// The most links that are followed to get from a link to a file.
pub const LINK_HOPS: usize = 16;

/// The largest ignore file that is read, in bytes; a larger one counts as empty.
pub const IGNORE_FILE_BYTES: u64 = 1 << 20;

/// The largest payload of an event that is read, in bytes. GitHub caps them at 25 MB.
pub const EVENT_BYTES: u64 = 32 << 20;

/// The largest saved report that is read, in bytes.
pub const REPORT_BYTES: u64 = 512 << 20;

/// The largest file of measured usage that is read, in bytes.
pub const USAGE_BYTES: u64 = 1 << 30;

/// The most rows of measured usage.
pub const USAGE_ROWS: usize = 10_000_000;

/// The largest field of a row of measured usage, in bytes.
pub const USAGE_FIELD_BYTES: usize = 64 << 10;

/// The most tenants that measured usage names.
pub const USAGE_TENANTS: usize = 100_000;

/// The longest time that one row of measured usage is about, in days.
pub const USAGE_PERIOD_DAYS: i64 = 366;

/// The most sums of a day, and samples, that are held of measured usage.
pub const USAGE_SUMS: usize = 16_000_000;

/// The largest quantity of a row: so many rows of it are still added up exactly.
pub const USAGE_QUANTITY: u64 = 1_000_000_000_000_000_000;

/// The largest index file that is read, in bytes.
pub const INDEX_BYTES: u64 = 2 << 30;

/// Names in one file: features, tables, endpoints, lines and so on.
pub const MAX_NAMES_IN_FILE: usize = 20_000;

/// Bytes of one name.
pub const MAX_NAME_BYTES: usize = 200;

/// The most globs of `project.specs`, each at most as long as a name: they are matched together, by
/// an automaton that has to be built.
pub const SPEC_GLOBS: usize = 100;

/// The furthest day of a projection, in days: a hundred years.
pub const MAX_DAYS: u32 = 36_500;

/// The most different days that a project's projections may name: each is forecast by itself.
pub const PROJECTION_DAYS: usize = 60;

/// The most pairs of scenarios and limited meters of a project: each is judged, and reported.
pub const SCENARIO_PAIRS: usize = 1_000_000;

/// The most pairs of scenarios and declarations of a project, limited or not: a scenario that
/// `set`s something resolves all of them anew.
pub const SCENARIO_DECLARATIONS: usize = 2_000_000;

/// The most pairs of a budget, or a pattern of one, and what has a price: each is tried.
pub const BUDGET_PAIRS: usize = 2_000_000;

/// The most pairs of those and scenarios: budgets are added up in each.
pub const SCENARIO_BUDGETS: usize = 20_000_000;

/// The most limits of one API or model: each of its lines may count against all of them.
pub const USAGE_LIMITS: usize = 1_000;

/// The most patterns of endpoints in the limits of one API: each endpoint is held against all of them.
pub const ENDPOINT_PATTERNS: usize = 2_000;

/// The most names that are compared in search of what misspelt ones may mean, over all of a
/// project's unknown names: some tenths of a second.
pub const SUGGESTION_COMPARISONS: usize = 200_000;

/// The most findings of a run for which advice is tried.
pub const ADVISED: usize = 50;

/// The most bytes of capacity files that are judged anew to try advice.
pub const ADVICE_BYTES: usize = 16 << 20;

/// The most places that one finding points to beside its own.
pub const RELATED_PLACES: usize = 8;
