//! The `caplint` program: hands the world to the library and its exit code to the system.

use std::io::{BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use caplint::cli::{World, main as run};
use caplint::states::Environment;
use caplint::units::Date;

/// Half the time of a run is spent on many small allocations; this takes a third off that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // A crash on a closed standard error has nobody to tell.
        let _ = writeln!(
            std::io::stderr(),
            "caplint crashed, which is a bug in caplint: please report it at \
             https://github.com/caplint/caplint/issues with what you ran\n{panic}"
        );
    }));
    let stdout = std::io::stdout();
    let terminal = stdout.is_terminal().then(width);
    let mut stdout = BufWriter::new(stdout.lock());
    let mut stdin = std::io::stdin().lock();
    let asks = stdin.is_terminal();
    let mut world = World {
        dir: std::env::current_dir().unwrap_or_default(),
        environment: Environment::new(std::env::vars_os()),
        today: today(),
        terminal,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        stdin: &mut stdin,
        asks,
        stdout: &mut stdout,
        // Not locked: a crash of another thread has to be told, too.
        stderr: &mut std::io::stderr(),
    };
    let code = run(std::env::args_os(), &mut world);
    ExitCode::from(code)
}

/// Today in UTC; the epoch where the clock says nothing usable.
fn today() -> Date {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let days = i64::try_from(seconds / 86_400).unwrap_or(0);
    Date::EPOCH.plus_days(days).unwrap_or(Date::EPOCH)
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}
