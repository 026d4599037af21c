//! Loads configurations in a process of their own: the environment is a source, and a test must
//! neither change its own nor be changed by that of whoever runs it.

use std::process::Command;

use pal_server::config::{Sources, load};
use serde_json::{Value, json};

const CASES: &str = "SETUP_CASES";
const MARK: &str = "SETUP_ANSWER ";

/// Names and what they are set to.
pub type Pairs<'c> = &'c [(&'c str, &'c str)];

/// A file's path (or none), and keys with values as on the command line.
pub type Case<'c> = (Option<&'c str>, Pairs<'c>);

/// The same, as it arrives.
type Told = (Option<String>, Vec<(String, String)>);

/// What becomes of each case in this environment: what `config show` prints, or the refusal.
pub fn all(environment: Pairs, cases: &[Case]) -> Vec<Result<String, String>> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "setup::loading::as_told", "--nocapture"]);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OPENPAL_") {
            command.env_remove(name);
        }
    }
    // A folder without an openpal.toml below it.
    let folder = tempfile::tempdir().unwrap();
    command.current_dir(&folder).env(CASES, json!(cases).to_string());
    let done = command.envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(MARK));
    let answers: Vec<Value> = serde_json::from_str(line.unwrap()).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    answers
        .iter()
        .map(|one| text(&one["show"]).ok_or_else(|| text(&one["error"]).unwrap()))
        .collect()
}

/// One case.
pub fn one(environment: Pairs, case: Case) -> Result<String, String> {
    all(environment, &[case]).remove(0)
}

/// The other process; without cases it has nothing to do.
#[test]
fn as_told() {
    let Ok(cases) = std::env::var(CASES) else { return };
    let cases: Vec<Told> = serde_json::from_str(&cases).unwrap();
    let answers: Vec<Value> = (cases.into_iter())
        .map(|(file, flags)| match load(&Sources { file: file.map(Into::into), flags }) {
            Ok(loaded) => json!({"show": loaded.show()}),
            Err(error) => json!({"error": error.to_string()}),
        })
        .collect();
    println!("\n{MARK}{}", json!(answers));
}
