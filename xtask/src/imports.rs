//! The direction of imports inside `pal-server`: a module uses those below it, never one beside or above.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The modules of `pal-server`, from the top. Those of one line do not know each other.
const LAYERS: &[&[&str]] = &[
    &["serve"],
    &["identity", "router"],
    &["fetch", "signing"],
    &["api", "arm", "oauth", "portal"],
    &["http"],
    &["app"],
    &["live"],
    &["listen", "telemetry", "tls"],
    &["config"],
    &["limits", "metrics", "seals"],
];

/// Checks every file below a folder.
pub fn check(source: &Path) -> Result<()> {
    for entry in fs::read_dir(source).with_context(|| source.display().to_string())? {
        let path = entry?.path();
        let own = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if own != "lib" {
            below(&path, &own)?;
        }
    }
    Ok(())
}

fn below(path: &Path, own: &str) -> Result<()> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_for_each(|entry| below(&entry?.path(), own));
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    for used in imported(&code) {
        if used != own && layer(&used)? <= layer(own)? {
            bail!("{}: {own} may not use {used}: see xtask/src/imports.rs", path.display());
        }
    }
    Ok(())
}

/// The modules that follow `crate::`, also in `crate::{one, other::Thing}`.
fn imported(code: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        // The one type that is used from the root.
        text[..end].replace("App", "app")
    };
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            found.push(name(rest));
            continue;
        };
        let mut depth = 0_u32;
        for part in group.split_inclusive([',', '{', '}']) {
            if depth == 0 && !name(part.trim_start()).is_empty() {
                found.push(name(part.trim_start()));
            }
            match part.chars().last() {
                Some('{') => depth += 1,
                Some('}') if depth == 0 => break,
                Some('}') => depth -= 1,
                _ => {}
            }
        }
    }
    found
}

fn layer(module: &str) -> Result<usize> {
    let found = LAYERS.iter().position(|modules| modules.contains(&module));
    found.with_context(|| format!("pal-server/src/{module} is in no layer of xtask/src/imports.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_of_something_above_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "live.rs",
            "// crate::arm\nuse crate::limits::Limits;\nuse crate::{config::{A, b}, seals};",
        );
        check(folder.path()).unwrap();
        for upwards in [
            "use crate::http::HttpError;",
            "use crate::{config::X, App};",
            "type X = crate::api::Y;",
        ] {
            write("live.rs", upwards);
            let error = check(folder.path()).unwrap_err().to_string();
            assert!(error.contains("live may not use"), "{error}");
        }
        write("live.rs", "");
        write("arm.rs", "use crate::portal::Portal;");
        assert!(check(folder.path()).is_err(), "modules of one layer do not know each other");
    }
}
