//! Which modules of a crate the code of each names: read from the text, without a compiler.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The path of a module within its crate: `["sqlite", "usage"]`; empty = its root.
pub type Module = Vec<String>;

/// The code of each module below a folder, in one line and without comment lines.
pub fn read(source: &Path) -> Result<BTreeMap<Module, String>> {
    let mut codes = BTreeMap::new();
    gather(source, &mut Module::new(), &mut codes)?;
    Ok(codes)
}

fn gather(folder: &Path, at: &mut Module, codes: &mut BTreeMap<Module, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let stands_for_folder = ["mod", "lib", "main"].contains(&name.as_str());
        at.push(name);
        if path.is_dir() {
            gather(&path, at, codes)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let of = if stands_for_folder { at.len() - 1 } else { at.len() };
            codes.insert(at[..of].to_vec(), code);
        }
        at.pop();
    }
    Ok(())
}

/// Every path that code names from the root of its crate.
pub fn from_root(code: &str, take: &mut dyn FnMut(&[String])) {
    each("crate::", &[], code, take);
}

/// Every path that the code of a file names from the module above it.
pub fn from_above(module: &[String], code: &str, take: &mut dyn FnMut(&[String])) {
    each("super::", &module[..module.len().saturating_sub(1)], code, take);
}

fn each(base: &str, start: &[String], code: &str, take: &mut dyn FnMut(&[String])) {
    for (at, _) in code.match_indices(base) {
        // Inside `super::super::` the first one tells.
        if code[..at].ends_with("::") || code[..at].ends_with(is_word) {
            continue;
        }
        let mut rest = &code[at + base.len()..];
        let mut from = start;
        while let Some(more) = rest.strip_prefix("super::") {
            rest = more;
            from = &from[..from.len().saturating_sub(1)];
        }
        paths(rest, from, take);
    }
}

const fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The paths that a piece of code begins with, those of a group in braces too; what follows them.
fn paths<'c>(code: &'c str, from: &[String], take: &mut dyn FnMut(&[String])) -> &'c str {
    let code = code.trim_start();
    if let Some(mut group) = code.strip_prefix('{') {
        while !group.is_empty() && !group.starts_with('}') {
            group = paths(group, from, take).trim_start();
            // `as Name`, and what does not belong here.
            let end = group.find([',', '}']).unwrap_or(group.len());
            group = group[end..].trim_start_matches(',').trim_start();
        }
        return group.strip_prefix('}').unwrap_or(group);
    }
    let end = code.find(|letter| !is_word(letter)).unwrap_or(code.len());
    let path: Module = from.iter().cloned().chain([code[..end].to_owned()]).collect();
    match code[end..].strip_prefix("::") {
        Some(rest) => paths(rest, &path, take),
        None => {
            take(&path);
            &code[end..]
        }
    }
}
