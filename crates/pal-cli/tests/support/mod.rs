//! Running the program in a folder of its own.

mod agreement;
pub mod running;

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

pub use agreement::assert_agreement;

/// A folder, and the program run in it. At its end, `pal report` and an import must agree on what lies
/// in it.
pub struct Folder {
    dir: TempDir,
    /// Whether they are compared: some tests do so by themselves.
    pub compared: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.compared && !std::thread::panicking() {
            assert_agreement(self.path());
        }
    }
}

impl Folder {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), compared: true }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pal"));
        command.current_dir(self.path()).arg("--only-show-errors").env("NO_COLOR", "1");
        command
    }

    pub fn pal(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    /// Standard output of a command that must do its work.
    pub fn done(&self, args: &[&str]) -> String {
        let output = self.pal(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
