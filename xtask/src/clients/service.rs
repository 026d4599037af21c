//! The program as a child process: started, waited for, told to stop.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// A demo is made at the first start: seconds, more where machine and build are slow.
const START: Duration = Duration::from_secs(90);
/// The service's own limit for a graceful stop, and some.
const STOP: Duration = Duration::from_secs(30);

/// A running service. It is killed when this goes.
pub struct Service {
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts it; what it says goes into the log.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().context("cannot start pal")?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Waits until the file is there.
    pub fn wait_for(&mut self, file: &Path) -> Result<()> {
        let begun = Instant::now();
        while !file.exists() {
            if let Some(status) = self.child.try_wait()? {
                bail!("pal ended with {status} before it was ready\n{}", self.log());
            }
            let file = file.display();
            ensure!(begun.elapsed() < START, "{file} did not appear\n{}", self.log());
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// What it has said, the last lines.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Tells it to stop, as a supervisor does; it must end by itself, with success.
    pub fn stop(mut self) -> Result<()> {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().context("cannot run kill")?;
        ensure!(told.success(), "pal had ended before it was told to stop\n{}", self.log());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "pal stopped with {status}\n{}", self.log());
                return Ok(());
            }
            let waited = begun.elapsed();
            ensure!(waited < STOP, "pal did not stop when told to\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let child = &mut self.child;
        if let Ok(None) = child.try_wait() {
            // Nothing can be done if it will not die.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
