//! Work shared among threads, as many as the caller chooses.
//!
//! Why not rayon: a worker that waits for nested work takes up other work meanwhile, on the same
//! stack. Where rules run side by side and one of them computes, itself in parallel, what several
//! share (`OnceLock::get_or_init`), that other work can be a rule that waits for the same value:
//! then the run hangs. A pool of the caller's threads minus one, with projects, rules and such a
//! value nested, did so within seconds. Threads of a scope wait for their own work only. They cost
//! little: the calls of a run over one small file take about 2 ms of processor time, with the pool
//! 0.8 times that (medians of 60 pairs of runs, 2 threads).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `work(state, i)` for every `i` below `count` on up to `threads` threads, each with a state
/// of its own, and returns the states. Which thread does what is left to chance. A thread that
/// can't be started is done without.
pub fn fold<S: Send>(
    count: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) + Sync,
) -> Vec<S> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = state();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return state;
            }
            work(&mut state, i);
        }
    };
    let helpers = threads.min(count).saturating_sub(1);
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, run).ok();
        let helpers: Vec<_> = (0..helpers).filter_map(start).collect();
        let mut states = vec![run()];
        for helper in helpers {
            match helper.join() {
                Ok(state) => states.push(state),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        states
    })
}

/// `work(scratch, i)` for every `i` below `count`, in order.
pub fn map<S: Send, T: Send>(
    count: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let state = || (scratch(), Vec::new());
    let states = fold(count, threads, state, |(scratch, done), i| {
        done.push((i, work(scratch, i)));
    });
    let mut done: Vec<(usize, T)> = states.into_iter().flat_map(|(_, done)| done).collect();
    done.sort_unstable_by_key(|&(i, _)| i);
    done.into_iter().map(|(_, result)| result).collect()
}

/// `work(item)` for every item, in order, on up to `threads` threads that each take the next few.
pub fn each<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
) -> Vec<T> {
    let mut all = Vec::with_capacity(items.len());
    for mut part in parts(items, threads, work) {
        all.append(&mut part);
    }
    all
}

/// The same, in the parts in which it was done.
pub fn parts<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
) -> Vec<Vec<T>> {
    let share = share(items.len(), threads);
    let parts: Vec<&[I]> = items.chunks(share).collect();
    map(
        parts.len(),
        threads,
        || (),
        |(), i| parts[i].iter().map(&work).collect(),
    )
}

/// Does two things beside each other, where more than one thread may be used.
pub fn both<A, B: Send>(
    threads: usize,
    one: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    let waiting = Mutex::new(Some(other));
    // Nothing can panic that holds the lock.
    let take = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.take()
    };
    thread::scope(|scope| {
        let start = || take().map(|other| other());
        // A thread that can't be started is done without.
        let spawn = || thread::Builder::new().spawn_scoped(scope, start).ok();
        let helper = if threads > 1 { spawn() } else { None };
        let one = one();
        if let Some(other) = take() {
            return (one, other());
        }
        match helper.map(thread::ScopedJoinHandle::join) {
            Some(Ok(Some(other))) => (one, other),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(None)) | None => unreachable!("only the helper can have taken it"),
        }
    })
}

/// How many items of so many are done beside each other, and on how many threads each. Threads cost
/// more than small items are worth: many items have one each.
pub fn shared_out(items: usize, threads: usize) -> (usize, usize) {
    if items >= 2 * threads {
        (threads, 1)
    } else {
        (1, threads)
    }
}

/// How many of so many items are done at a time, so that no thread waits for long.
pub fn share(items: usize, threads: usize) -> usize {
    const PARTS_A_THREAD: usize = 24;
    items.div_ceil(threads.max(1) * PARTS_A_THREAD).max(1)
}
