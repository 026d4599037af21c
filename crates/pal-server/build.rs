//! Takes the portal's pages into the program: every file of `portal/dist/pages`, as `cargo xtask portal`
//! leaves it there. Without that folder there are no pages, and everything else works.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    // This one is always there: a path that is not would make every build begin here.
    let dist = here.join("../../portal/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let pages = dist.join("pages");
    let mut files = Vec::new();
    if pages.is_dir() {
        list(&pages, "", &mut files)?;
    }
    files.sort();
    let mut text = String::from("static EMBEDDED: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        let _ = writeln!(text, "    ({name:?}, include_bytes!({path:?})),");
    }
    text.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("portal.rs"), text)
}

/// The files of a folder and those below it, with `/` in their names. Maps of sources stay out.
fn list(folder: &Path, above: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        if path.is_dir() {
            list(&path, &format!("{name}/"), files)?;
        } else if path.extension().is_none_or(|end| end != "map") {
            let path = fs::canonicalize(&path)?;
            files.push((name, path.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}
