//! How long work takes: processor time, which other programs on the machine don't add to.

use std::time::{Duration, Instant};

/// Since when this thread works.
pub struct Clock {
    processor: Option<Duration>,
    wall: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self {
            processor: processor(),
            wall: Instant::now(),
        }
    }

    /// The processor time of this thread; the time that went by, where the system does not tell.
    pub fn elapsed(&self) -> Duration {
        let used = processor().zip(self.processor);
        used.map_or_else(|| self.wall.elapsed(), |(now, start)| now - start)
    }
}

/// Linux: the first number is the nanoseconds on a processor.
fn processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
