//! Times of whole processes that take turns, and their peak memory.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// Several programs, run in turn, round by round.
pub(crate) struct Race {
    /// By program, then by round.
    times: Vec<Vec<Duration>>,
    statuses: Vec<Option<ExitStatus>>,
}

impl Race {
    /// Runs every command once unmeasured, to warm the page cache, and then
    /// `rounds` times in turn.
    pub(crate) fn run(commands: &mut [&mut Command], rounds: usize) -> Result<Self> {
        let mut race = Self {
            times: vec![Vec::with_capacity(rounds); commands.len()],
            statuses: vec![None; commands.len()],
        };
        for round in 0..=rounds {
            for (at, command) in commands.iter_mut().enumerate() {
                silence(command);
                let start = Instant::now();
                let status = command.status()?;
                let time = start.elapsed();
                race.statuses[at] = Some(status);
                if round > 0 {
                    race.times[at].push(time);
                }
            }
        }
        Ok(race)
    }

    /// The times of one program, by round.
    pub(crate) fn times(&self, program: usize) -> &[Duration] {
        &self.times[program]
    }

    /// The median time of one program.
    pub(crate) fn median(&self, program: usize) -> Duration {
        let seconds = self.times(program).iter().map(Duration::as_secs_f64);
        Duration::from_secs_f64(median(seconds.collect()))
    }

    /// How one program ended, where it did not succeed.
    pub(crate) fn failure(&self, program: usize) -> Option<String> {
        let status = self.statuses[program]?;
        (!status.success()).then(|| status.to_string())
    }
}

/// The median over the rounds of `above / below`.
pub(crate) fn median_of_ratios(above: &[Duration], below: &[Duration]) -> f64 {
    let ratio = |(a, b): (&Duration, &Duration)| a.as_secs_f64() / b.as_secs_f64();
    median(above.iter().zip(below).map(ratio).collect())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => figures[half],
        _ => (figures[half - 1] + figures[half]) / 2.0,
    }
}

/// Three digits of milliseconds.
pub(crate) fn format_duration(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1e3;
    let decimals = match milliseconds {
        small if small < 10.0 => 2,
        middling if middling < 100.0 => 1,
        _ => 0,
    };
    format!("{milliseconds:.decimals$} ms")
}

/// The most memory in bytes that the process held at once, where the system
/// tells. The mark only rises, so the last reading before the exit is the peak
/// unless the very last moment was the largest.
pub(crate) fn peak_memory(command: &mut Command) -> Result<Option<u64>> {
    silence(command);
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait()?.is_none() {
        peak = high_water_mark(&status).max(peak);
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok(peak)
}

/// `VmHWM` in bytes; nothing for a process that has just ended, and nothing on
/// systems without `/proc`.
fn high_water_mark(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn silence(command: &mut Command) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
}
