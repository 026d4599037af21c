//! Commands that read other people's files, whole in a process with a limit on its memory.
//!
//! A file of a few kilobytes can say that it unpacks to gigabytes, and memory that is not there takes the
//! machine with it. So the program starts itself again for such a command: the second process takes a
//! limit before it looks at anything, does all the work, and writes to the same outputs, so that no row
//! crosses a pipe. The first one waits, and says what happened where the second was ended.

use std::path::Path;
use std::process::ExitCode;

use crate::args::client::ClientCommand;
use crate::args::{Cli, Command, Usage};
use crate::output;

/// Whether a command reads cost files on this machine.
const fn reads_files(command: &Command) -> bool {
    match command {
        Command::Report(args) => !args.facts.server,
        Command::Explain(args) => !args.facts.server,
        Command::Alerts(args) => !args.server,
        Command::Client(ClientCommand::Doctor(args)) => !args.missing.usage.is_empty(),
        Command::Usage(Usage::Inspect(_)) => true,
        _ => false,
    }
}

/// The folders in which such a command makes files that become its results.
fn folders_of_results(command: &Command) -> Vec<&Path> {
    match command {
        Command::Report(args) => {
            let results = [&args.output, &args.attest].into_iter().flatten();
            results.map(|path| output::folder_of(path)).collect()
        }
        _ => Vec::new(),
    }
}

/// Runs a command in a process of its own; `None` = it is to be run here.
pub fn run(cli: &Cli) -> Option<ExitCode> {
    if reads_files(&cli.command) { limits::run(cli) } else { None }
}

#[cfg(target_os = "linux")]
mod limits {
    use std::io;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{ExitCode, ExitStatus};

    use rustix::process::{
        Pid, Resource, Rlimit, Signal, kill_process, set_parent_process_death_signal, setrlimit,
    };
    use tokio::process::Command;
    use tokio::signal::unix::{SignalKind, signal};

    use crate::args::Cli;
    use crate::printer::{Failure, Printer};
    use crate::{random, temporary};

    /// Most memory, MiB, as somebody says it.
    const MEMORY: &str = "PAL_MEMORY_MIB";
    /// Set for the second process, to its limit in MiB.
    const CONFINED: &str = "PAL_CONFINED_TO_MIB";

    /// Two gigabytes, and half of one for each thread that groups rows.
    fn usual() -> u64 {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        2_048 + 512 * threads as u64
    }

    pub fn run(cli: &Cli) -> Option<ExitCode> {
        if let Ok(own) = std::env::var(CONFINED) {
            confine(own.parse().unwrap_or_else(|_| usual()));
            return None;
        }
        let printer = Printer::new(cli.only_show_errors, cli.no_progress);
        let done = match std::env::var(MEMORY).map(|text| text.parse::<u64>()) {
            Err(_) => start(usual(), cli),
            Ok(Ok(memory)) if (256..=1 << 24).contains(&memory) => start(memory, cli),
            Ok(_) => {
                Err(Failure::Usage(format!("{MEMORY} is a number of MiB from 256 to 16777216")))
            }
        };
        Some(done.unwrap_or_else(|failure| {
            printer.end(&Err(Failure::failed(&failure)));
            ExitCode::from(failure.status())
        }))
    }

    /// A process that goes with the one that waits for it.
    fn confine(memory: u64) {
        let most = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
        // Without a limit the command does what it did before there was one.
        let _ = setrlimit(Resource::As, most(memory.saturating_mul(1 << 20)));
        let _ = setrlimit(Resource::Core, most(0));
        let _ = set_parent_process_death_signal(Some(Signal::TERM));
    }

    fn start(memory: u64, cli: &Cli) -> Result<ExitCode, Failure> {
        // What the second process leaves behind when it is ended goes with this folder.
        let temporary = temporary::folder();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(std::env::args_os().skip(1)).env(CONFINED, memory.to_string());
        // What the allocator reserves ahead counts as memory.
        command.env("MIMALLOC_ARENA_RESERVE", "65536").env("MIMALLOC_ARENA_EAGER_COMMIT", "0");
        if let Some(folder) = &temporary {
            command.env("TMPDIR", folder.path());
        }
        let prefix = format!(".pal-{}-", random::guid()?);
        command.env(temporary::PREFIX, &prefix);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let status = runtime.block_on(wait(command))?;
        if !status.success() {
            // A process that is killed removes nothing.
            for folder in super::folders_of_results(&cli.command) {
                temporary::remove_begun_with(&prefix, folder);
            }
        }
        match (status.code(), status.signal()) {
            (Some(code), _) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
            (None, signal) if signal == Some(Signal::TERM.as_raw()) => Ok(ExitCode::from(143)),
            (None, signal) if signal == Some(Signal::INT.as_raw()) => Ok(ExitCode::from(130)),
            _ => Err(Failure::Failed(format!(
                "the command was ended ({status}): it needed more than {memory} MiB of memory, or a \
                 file is damaged or made to do harm. Get the files again; if they are what they \
                 should be, allow more with {MEMORY}={}",
                2 * memory
            ))),
        }
    }

    /// Starts the command, hands signals on, and waits for its end.
    async fn wait(mut command: Command) -> io::Result<ExitStatus> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut child = command.spawn()?;
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let hand_on = |signal| pid.map(|pid| kill_process(pid, signal));
        loop {
            tokio::select! {
                status = child.wait() => return status,
                _ = terminate.recv() => drop(hand_on(Signal::TERM)),
                _ = interrupt.recv() => drop(hand_on(Signal::INT)),
            }
        }
    }
}

/// Elsewhere there are no such limits.
#[cfg(not(target_os = "linux"))]
mod limits {
    use std::process::ExitCode;

    use crate::args::Cli;

    pub const fn run(_: &Cli) -> Option<ExitCode> {
        None
    }
}
