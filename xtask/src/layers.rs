//! The direction of imports inside `pal-server`: a module uses those below it, never one beside or above.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::imports;

/// The modules of `pal-server`, from the top. Those of one line do not know each other.
const LAYERS: &[&[&str]] = &[
    &["fuzz"],
    &["serve"],
    &["identity", "router", "scrape"],
    &["connection", "fetch", "signing"],
    &["api", "arm", "oauth", "portal"],
    &["http"],
    &["app"],
    &["live"],
    &["telemetry", "tls"],
    &["config"],
    &["authority", "limits", "metrics", "seals", "work"],
];

/// Checks every file below a folder.
pub fn check(source: &Path) -> Result<()> {
    for (module, code) in imports::read(source)? {
        let Some(own) = module.first() else { continue };
        let mut used = Vec::new();
        imports::from_root(&code, &mut |path| used.extend(path.first().cloned()));
        for used in used.iter().filter(|used| *used != own) {
            // The one type that is used from the root.
            let used = if used == "App" { "app" } else { used };
            if used != own && layer(used)? <= layer(own)? {
                let module = module.join("::");
                bail!("{module}: {own} may not use {used}: see xtask/src/layers.rs");
            }
        }
    }
    Ok(())
}

fn layer(module: &str) -> Result<usize> {
    let found = LAYERS.iter().position(|modules| modules.contains(&module));
    found.with_context(|| format!("pal-server/src/{module} is in no layer of xtask/src/layers.rs"))
}

#[cfg(test)]
mod tests {
    use std::fs;

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
