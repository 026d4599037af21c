//! `pal` as a client, against a cloud in a thread.

#[cfg(unix)]
mod browser;
mod fake;
mod own;
mod partner;
mod principal;
mod setup;
mod sign_in;
mod tls;

use std::process::{Command, Output};

use fake::{CONTOSO, Cloud, SECRET};
use tempfile::TempDir;

/// Somebody's machine: a folder for settings, and a cloud that is registered and current.
struct Desk {
    dir: TempDir,
    cloud: Cloud,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
struct Done {
    out: String,
    err: String,
    status: i32,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap(),
        }
    }
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap(), cloud: Cloud::start() };
        let url = desk.cloud.url.clone();
        desk.ok(&["cloud", "register", "-n", "lab", "--endpoint-resource-manager", &url]);
        desk.ok(&["cloud", "set", "-n", "lab"]);
        desk
    }

    /// Signed in as a service principal.
    fn principal() -> Self {
        let desk = Self::new();
        let args = ["login", "--service-principal", "-u", "app", "--tenant", CONTOSO];
        let done = desk.command().args(args).env("AZURE_CLIENT_SECRET", SECRET).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        desk
    }

    /// Signed in as a person, by device code.
    fn person() -> Self {
        let desk = Self::new();
        desk.ok(&["login", "--use-device-code"]);
        desk
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pal"));
        command.env_clear().env("PAL_CONFIG_DIR", self.dir.path().join("settings"));
        command
            .env("HOME", self.dir.path())
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.dir.path());
        command
    }

    fn pal(&self, args: &[&str]) -> Done {
        self.command().args(args).output().unwrap().into()
    }

    /// Of a command that must do its work.
    fn ok(&self, args: &[&str]) -> String {
        let done = self.pal(args);
        assert_eq!(done.status, 0, "{args:?}: {done:?}");
        done.out
    }

    fn kept(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("settings/sign-ins.json")).unwrap()
    }
}
