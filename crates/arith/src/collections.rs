//! Maps and sets by hash, as used for what is looked up often.
//!
//! Their hasher is quick for short names and still seeded by chance, so that nobody can choose
//! names that collide. The order of an [`IndexMap`] is that of insertion; nothing depends on that
//! of a [`HashMap`].

use foldhash::fast::RandomState;

/// A map that keeps the order of insertion.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;

/// A set that keeps the order of insertion.
pub type IndexSet<T> = indexmap::IndexSet<T, RandomState>;

/// A map without an order.
pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// A set without an order.
pub type HashSet<T> = std::collections::HashSet<T, RandomState>;
