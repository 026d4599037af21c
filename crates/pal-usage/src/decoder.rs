//! Decoding of other people's files, in a process of its own.
//!
//! A file of a few hundred bytes can make a decoder ask for gigabytes, and memory that is not there
//! ends the process that asks (T53). So the service never decodes: it runs `pal decode-usage`, which
//! takes limits on its memory, its files and its time before it looks at anything, and has nothing
//! to lose. It reads one task from standard input and says on standard output, a JSON object a line,
//! how far it is and what came of it.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::charges::{DecodeError, Decoded, Located, Sought, decode, locate};
use crate::discover::Discovered;
use pal_attribution::ingest::{Part, ReadOptions, Schema, inspect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// The argument that makes `pal` a decoder.
pub const ARGUMENT: &str = "decode-usage";

/// What a decoder may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    pub memory_mib: u64,
    /// Time, seconds.
    pub seconds: u64,
    /// Size of a file that it writes, MiB.
    pub file_mib: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { memory_mib: 2_048, seconds: 3_600, file_mib: 65_536 }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Task {
    /// Cost exports into charge files.
    Decode {
        found: Discovered,
        /// The family of their columns, by its name.
        schema: Option<String>,
        /// An empty folder.
        folder: PathBuf,
    },
    /// Where rows are that are not known.
    Locate {
        parts: Vec<Part>,
        /// The family of their columns, by its name.
        schema: Option<String>,
        /// Which rows, and what is known of them.
        sought: Sought,
    },
    /// What is in exports, and the first rows that are refused.
    Inspect { parts: Vec<Part>, schema: Option<String> },
}

/// A line of a decoder.
#[derive(Debug, Serialize, Deserialize)]
enum DecoderLine {
    Rows(u64),
    Decoded(Decoded),
    Located(Located),
    Inspected {
        text: String,
        found: Value,
    },
    Refused(String),
    /// What it makes cannot be written.
    Unwritten(String),
}

#[derive(Debug)]
pub enum TaskResult {
    /// Of [`Task::Decode`].
    Decoded(Decoded),
    /// Of [`Task::Locate`].
    Located(Located),
    /// Of [`Task::Inspect`]: for people, and for programs.
    Inspected(String, Value),
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum DecoderError {
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Ended(String),
    #[error("the decoder cannot be run: {0}")]
    Io(#[from] std::io::Error),
    #[error("charge files cannot be written: {0}; the disk may be full")]
    Unwritten(String),
}

/// How many files are named by a decoder that ended early.
const FILES: usize = 3;

impl DecoderError {
    /// With the files that were being read, where the decoder could not say which.
    pub fn of(self, parts: &[Part]) -> Self {
        let Self::Ended(why) = self else { return self };
        let mut names: Vec<&str> = parts.iter().take(FILES).map(|part| &*part.name).collect();
        let more = format!("{} more", parts.len().saturating_sub(FILES));
        names.extend((parts.len() > FILES).then_some(&*more));
        Self::Ended(format!("{}: {why}", names.join(", ")))
    }
}

#[derive(Debug, Clone)]
pub enum Decoder {
    /// In a process of its own: this program, with [`ARGUMENT`].
    Process(PathBuf, Bounds),
    /// On this thread, without limits: in tests of what is around it.
    Here,
}

/// How many rows that differ are named.
const NAMED: usize = 5;
/// How many refused rows are shown by an inspection.
const SHOWN: usize = 5;
/// How much of what a decoder says before it dies is kept.
const LAST_WORDS: u64 = 4_096;

impl Decoder {
    /// In a process of the program that runs, whatever lies at its path by then: an upgrade must not
    /// make two versions talk to each other.
    ///
    /// # Errors
    /// The system does not say where this program is.
    pub fn of_this_program(bounds: Bounds) -> std::io::Result<Self> {
        let program = match cfg!(target_os = "linux") {
            true => PathBuf::from("/proc/self/exe"),
            false => std::env::current_exe()?,
        };
        Ok(Self::Process(program, bounds))
    }

    /// Does a task; `rows` is told how many rows have been read.
    ///
    /// # Errors
    /// See [`DecoderError`].
    pub async fn run(&self, task: Task, rows: &AtomicU64) -> Result<TaskResult, DecoderError> {
        match self {
            Self::Here => {
                let done = tokio::task::spawn_blocking(move || work(task, &AtomicU64::new(0)));
                done.await.map_err(|error| DecoderError::Ended(error.to_string()))?.into_done()
            }
            Self::Process(program, bounds) => {
                let limit = Duration::from_secs(bounds.seconds);
                let child = Command::new(program)
                    .arg(ARGUMENT)
                    // The environment may hold credentials; a decoder needs nothing of it.
                    .env_clear()
                    // What the allocator reserves ahead counts as memory.
                    .env("MIMALLOC_ARENA_RESERVE", "65536")
                    .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .kill_on_drop(true)
                    .spawn()?;
                let done = tokio::time::timeout(limit, converse(child, *bounds, &task, rows));
                done.await.unwrap_or_else(|_| Err(too_long(bounds)))
            }
        }
    }
}

fn too_long(bounds: &Bounds) -> DecoderError {
    DecoderError::Ended(format!(
        "decoding took longer than {} seconds and was ended: the files are larger than expected or \
         hostile; split them, or raise usage.decode_seconds",
        bounds.seconds
    ))
}

/// Tells the child its task, and listens to the end.
async fn converse(
    mut child: Child,
    bounds: Bounds,
    task: &Task,
    rows: &AtomicU64,
) -> Result<TaskResult, DecoderError> {
    let mut order = serde_json::to_vec(&(bounds, task)).map_err(std::io::Error::other)?;
    order.push(b'\n');
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut input), Some(output), Some(errors)) = (input, output, errors) else {
        return Err(std::io::Error::other("no pipes").into());
    };
    let tell = async {
        // A child that died says so by its status.
        let _ = input.write_all(&order).await;
        drop(input);
    };
    let listen = async {
        let mut lines = BufReader::new(output).lines();
        let mut last = None;
        while let Some(line) = lines.next_line().await? {
            match serde_json::from_str(&line).map_err(std::io::Error::other)? {
                DecoderLine::Rows(count) => rows.store(count, Ordering::Relaxed),
                said => last = Some(said),
            }
        }
        Ok::<_, std::io::Error>(last)
    };
    let overhear = async {
        let mut words = String::new();
        let mut errors = errors.take(LAST_WORDS);
        let _ = errors.read_to_string(&mut words).await;
        let mut rest = errors.into_inner();
        let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
        words
    };
    let ((), said, words) = tokio::join!(tell, listen, overhear);
    let status = child.wait().await?;
    match said? {
        Some(said) if status.success() => said.into_done(),
        _ => {
            tracing::warn!(%status, words, "a decoder ended early");
            Err(DecoderError::Ended(format!(
                "decoding ended early ({status}): a file is damaged, hostile, or needs more than \
                 {} MiB to be read; get the files again, or raise usage.decode_memory_mib",
                bounds.memory_mib
            )))
        }
    }
}

impl DecoderLine {
    fn into_done(self) -> Result<TaskResult, DecoderError> {
        match self {
            Self::Decoded(decoded) => Ok(TaskResult::Decoded(decoded)),
            Self::Located(located) => Ok(TaskResult::Located(located)),
            Self::Inspected { text, found } => Ok(TaskResult::Inspected(text, found)),
            Self::Refused(why) => Err(DecoderError::Refused(why)),
            Self::Unwritten(why) => Err(DecoderError::Unwritten(why)),
            Self::Rows(_) => Err(DecoderError::Ended("decoding came to no end".to_owned())),
        }
    }
}

/// The other side: reads a task from `input`, does it within its limits, says what came of it.
///
/// # Errors
/// Nobody listens, or the task cannot be read.
pub fn serve(input: impl BufRead, output: &mut (impl Write + Send)) -> std::io::Result<()> {
    let mut line = String::new();
    let mut input = input;
    input.read_line(&mut line)?;
    let (bounds, task): (Bounds, Task) = serde_json::from_str(&line)?;
    confine(bounds)?;
    let rows = AtomicU64::new(0);
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let output = std::sync::Mutex::new(output);
    let say = |said: &DecoderLine| {
        let mut output = output.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        serde_json::to_writer(&mut **output, said)?;
        output.write_all(b"\n")?;
        output.flush()
    };
    std::thread::scope(|scope| {
        let (tell, rows) = (&say, &rows);
        scope.spawn(move || {
            let tick = Duration::from_millis(200);
            while end.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                if tell(&DecoderLine::Rows(rows.load(Ordering::Relaxed))).is_err() {
                    // Who asked is gone, and so is the use of all this.
                    std::process::abort();
                }
            }
        });
        let said = work(task, rows);
        drop(ended);
        say(&DecoderLine::Rows(rows.load(Ordering::Relaxed)))?;
        say(&said)
    })
}

/// Limits of this process, for good; and the back of the queue for the processor.
#[cfg(target_os = "linux")]
fn confine(bounds: Bounds) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};
    let most = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::As, most(bounds.memory_mib.saturating_mul(1 << 20)))?;
    setrlimit(Resource::Fsize, most(bounds.file_mib.saturating_mul(1 << 20)))?;
    setrlimit(Resource::Cpu, most(bounds.seconds))?;
    setrlimit(Resource::Core, most(0))?;
    setrlimit(Resource::Nofile, most(4_096))?;
    let _ = nice(10);
    Ok(())
}

/// Elsewhere there is the limit on time only, which the service keeps.
#[cfg(not(target_os = "linux"))]
fn confine(_: Bounds) -> std::io::Result<()> {
    Ok(())
}

fn work(task: Task, rows: &AtomicU64) -> DecoderLine {
    let options = |schema: Option<&str>| {
        let named = Schema::NAMES.iter().find(|(name, _)| Some(*name) == schema);
        ReadOptions::of(named.map(|(_, schema)| *schema))
    };
    let refused = |error: &dyn std::fmt::Display| DecoderLine::Refused(crate::reason(error));
    match task {
        Task::Decode { found, schema, folder } => {
            match decode(&found, &options(schema.as_deref()), &folder, rows) {
                Ok(decoded) => DecoderLine::Decoded(decoded),
                Err(DecodeError::Io(error)) => DecoderLine::Unwritten(crate::reason(error)),
                Err(error) => refused(&error),
            }
        }
        Task::Locate { parts, schema, sought } => {
            match locate(&parts, &options(schema.as_deref()), &sought, NAMED) {
                Ok(located) => DecoderLine::Located(located),
                Err(error) => refused(&error),
            }
        }
        Task::Inspect { parts, schema } => {
            match inspect(&parts, &options(schema.as_deref()), SHOWN) {
                Ok(found) => DecoderLine::Inspected {
                    text: found.to_string(),
                    found: serde_json::to_value(&found).unwrap_or_default(),
                },
                Err(error) => refused(&error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IntakeError, discover};

    #[tokio::test]
    async fn charge_files_that_cannot_be_written_are_not_the_exports_fault() {
        let folder = tempfile::tempdir().unwrap();
        let costs = folder.path().join("costs.csv");
        let rows = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BilledCost,BillingCurrency,\
                    ChargeCategory,ResourceId,SubAccountId\n\
                    2026-07-10T00:00:00Z,2026-07-11T00:00:00Z,1,1,EUR,Usage,,\
                    /subscriptions/11111111-aaaa-4000-8000-000000000001\n";
        std::fs::write(&costs, rows).unwrap();
        let found = discover(&[costs]).unwrap();
        let task = |folder| Task::Decode { found: found.clone(), schema: None, folder };
        let rows = AtomicU64::new(0);
        Decoder::Here.run(task(folder.path().to_owned()), &rows).await.unwrap();
        let nowhere = folder.path().join("nowhere");
        let error = Decoder::Here.run(task(nowhere), &rows).await.unwrap_err();
        assert!(matches!(error, DecoderError::Unwritten(_)), "{error}");
        assert!(!IntakeError::from(error).is_refusal());
    }
}
