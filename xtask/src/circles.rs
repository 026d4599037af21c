//! No circle of files: two files of a crate that import each other are one file, or miss a third. A folder
//! and the file that stands for it (`mod.rs`, or the file of its name) may know each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The path of a module within its crate: `["sqlite", "usage"]`.
type Module = Vec<String>;

/// What each module imports of the same crate.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Checks the sources of every crate in a folder.
pub fn check(crates: &Path) -> Result<()> {
    let mut wrong = Vec::new();
    for entry in fs::read_dir(crates).with_context(|| crates.display().to_string())? {
        let source = entry?.path().join("src");
        wrong.extend(circles(&source)?.into_iter().map(|of| format!("{}: {of}", source.display())));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("files that import each other:\n{}", wrong.join("\n"));
}

/// The circles of a crate.
fn circles(source: &Path) -> Result<BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    gather(source, &mut Vec::new(), &mut texts)?;
    let imports = imports(&texts);
    let reached: BTreeMap<&Module, BTreeSet<Module>> =
        imports.keys().map(|module| (module, reached(&imports, module))).collect();
    let in_circle = |one: &Module, other: &Module| {
        reached[one].contains(other) && reached.get(other).is_some_and(|from| from.contains(one))
    };
    let mut circles: BTreeSet<String> = BTreeSet::new();
    for module in imports.keys() {
        let circle = reached[module].iter().filter(|other| in_circle(module, other));
        let circle: Vec<String> = circle.map(|other| other.join("::")).collect();
        circles.extend((!circle.is_empty()).then(|| circle.join(", ")));
    }
    Ok(circles)
}

fn gather(folder: &Path, at: &mut Module, texts: &mut BTreeMap<Module, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "tests" {
            continue;
        }
        let stands_for_folder = ["mod", "lib", "main"].contains(&name.as_str());
        at.push(name);
        if path.is_dir() {
            gather(&path, at, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let code: String =
                text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let code = code.split("#[cfg(test)]mod tests {").next().unwrap_or_default().to_owned();
            let of = if stands_for_folder { at.len() - 1 } else { at.len() };
            texts.insert(at[..of].to_vec(), code);
        }
        at.pop();
    }
    Ok(())
}

fn imports(texts: &BTreeMap<Module, String>) -> Imports {
    let mut imports = Imports::new();
    for (module, code) in texts {
        let found = imports.entry(module.clone()).or_default();
        for (base, start) in [
            ("crate::", Vec::new()),
            ("super::", module[..module.len().saturating_sub(1)].to_vec()),
        ] {
            for (at, _) in code.match_indices(base) {
                // Inside `super::super::` the first one tells.
                if code[..at].ends_with("::") || code[..at].ends_with(is_word) {
                    continue;
                }
                let mut rest = &code[at + base.len()..];
                let mut from = start.clone();
                while let Some(more) = rest.strip_prefix("super::") {
                    (rest, _) = (more, from.pop());
                }
                paths(rest, &from, &mut |path| {
                    let known = (0..=path.len()).rev().find(|n| texts.contains_key(&path[..*n]));
                    found.extend(known.map(|n| path[..n].to_vec()));
                });
            }
        }
        found.retain(|other| !module.starts_with(other) && !other.starts_with(module));
    }
    imports
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

/// All that a module comes to by imports.
fn reached(imports: &Imports, module: &Module) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = imports[module].iter().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next.clone()) {
            open.extend(imports.get(next).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn files_that_import_each_other_are_found() {
        let crates = tempfile::tempdir().unwrap();
        let folder = &crates.path().join("one/src");
        write(folder, "lib.rs", "mod a; mod b; use a::A; use b::B;");
        write(folder, "a.rs", "use crate::b::{self, deep::{B as C, D}};");
        write(folder, "b/mod.rs", "mod deep; pub use deep::B;");
        write(folder, "b/deep.rs", "use super::Inner;\n// use crate::a::A;");
        check(crates.path()).unwrap();
        for back in ["use crate::a::A;", "use super::super::a::A;", "type A = crate::a::A;"] {
            write(folder, "b/deep.rs", back);
            let error = check(crates.path()).unwrap_err().to_string();
            assert!(error.contains("src: a, b::deep"), "{error}");
        }
        write(folder, "b/deep.rs", "#[cfg(test)]\nmod tests {\n use crate::a::A; }");
        check(crates.path()).unwrap();
    }
}
