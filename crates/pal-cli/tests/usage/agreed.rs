//! Every folder and file of usage that the tests of other crates have: `pal report` and an import agree.
//! Those of this crate are held to it where they are made (`support::agreement`).

use std::fs;
use std::path::Path;

use crate::support::Folder;

#[test]
fn fixtures_of_all_crates() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let attribution = crates.join("pal-attribution/tests/fixtures/usage");
    let mut files = 0;
    for entry in fs::read_dir(attribution).unwrap() {
        let path = entry.unwrap().path();
        let folder = Folder::new();
        folder.write(path.file_name().unwrap().to_str().unwrap(), fs::read(&path).unwrap());
        files += 1;
    }
    assert!(files > 7, "{files} files");
    let folder = Folder::new();
    let exports = crates.join("pal-usage/tests/fixtures/exports");
    let mut copy = std::process::Command::new("cp");
    assert!(copy.arg("-a").args([&exports, folder.path()]).status().unwrap().success());
}
