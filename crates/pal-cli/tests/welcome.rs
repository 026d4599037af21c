//! What the service says when it is ready: where the portal is, or that its pages are missing.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::Folder;
use pal_server::PortalAssets;

/// A process that is ended with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What it says on standard error until a line with `last`.
fn said(folder: &Folder, args: &[&str], last: &str) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pal"));
    command.current_dir(folder.path()).args(args).env("NO_COLOR", "1").stderr(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let mut found = Vec::new();
    loop {
        let line = lines.next().unwrap_or_else(|| panic!("ended: {found:#?}")).unwrap();
        let ready = line.contains(last);
        found.push(line);
        if ready {
            return found;
        }
    }
}

#[test]
fn the_portal_is_named_or_missed() {
    let folder = Folder::new();
    let pages = PortalAssets::embedded().index("").is_some();
    let with = ["--data-dir", "demo", "--listen", "127.0.0.1:0"];
    let serve = ["--set", "identity.embedded=on", "--set", "partners.open_registration=true"];
    for (args, last, before) in [
        ([&["dev"], &with[..]].concat(), "ready; Ctrl-C stops it", "  portal     "),
        ([&["serve"], &with[..], &serve].concat(), "the embedded issuer", "its portal is "),
    ] {
        let said = said(&folder, &args, last);
        let named: Vec<&String> = said.iter().filter(|line| line.starts_with(before)).collect();
        let warned = "WARNING: the portal's pages are not in this program; 'cargo xtask dev' builds \
                      them and the program, or 'cargo xtask portal' builds them for the next build \
                      of the program";
        let warnings = said.iter().filter(|line| *line == warned).count();
        assert_eq!((named.len(), warnings), if pages { (1, 0) } else { (0, 1) }, "{said:#?}");
        if let Some(line) = named.first() {
            let address = line.strip_prefix(before).unwrap();
            let whole = address.starts_with("https://localhost:") && address.ends_with("/portal/");
            assert!(whole, "{line}");
        }
    }
    // Without a portal nothing is missed.
    let off = [&["serve"], &with[..], &serve, &["--set", "portal.enabled=off"]].concat();
    let said = said(&folder, &off, "the embedded issuer");
    assert!(!said.iter().any(|line| line.contains("portal")), "{said:#?}");
}
