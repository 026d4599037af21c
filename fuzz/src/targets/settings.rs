//! Files that an operator writes.

use pal_attribution::policy::Policy;
use pal_server::config::{Sources, load, load_folder};

use crate::scratch;

/// A configuration that is taken can be shown.
pub fn configuration(input: &[u8]) {
    let file = scratch::file("configured/openpal.toml", input);
    if let Ok(loaded) = load(&Sources { file: Some(file.clone()), flags: Vec::new() }) {
        assert!(loaded.show().contains("data_dir"));
    }
    let _ = load_folder(file.parent().unwrap());
}

pub fn configuration_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for page in ["docs/reference/config.md", "docs/guide/sign-in.md", "docs/guide/operate.md"] {
        let text = std::fs::read_to_string(scratch::repository(page)).unwrap();
        seeds.extend(text.split("```toml").skip(1).map(|block| {
            block.split("```").next().unwrap_or_default().trim_start().as_bytes().to_vec()
        }));
    }
    seeds.push(
        b"data_dir = \"d\"\noperators = [\"a/b\"]\n[http]\nlisten = \"127.0.0.1:0\"\n".to_vec(),
    );
    seeds
}

pub fn policy(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Err(error) = Policy::read(text) {
        let _ = error.to_string();
    }
}

pub fn policy_seeds() -> Vec<Vec<u8>> {
    scratch::contents("crates/pal-attribution/data/policies", ".toml")
}
