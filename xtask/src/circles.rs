//! No circle of files: two files of a crate that import each other are one file, or miss a third. A folder
//! and the file that stands for it (`mod.rs`, or the file of its name) may know each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::imports::{self, Module};

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
    let imports = imports_of(imports::read(source)?);
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

/// What the modules import of each other, tests aside.
fn imports_of(mut codes: BTreeMap<Module, String>) -> Imports {
    codes.retain(|module, _| !module.iter().any(|name| name == "tests"));
    let mut imports = Imports::new();
    for (module, code) in &codes {
        let code = code.split("#[cfg(test)]mod tests {").next().unwrap_or_default();
        let found = imports.entry(module.clone()).or_default();
        let mut take = |path: &[String]| {
            let known = (0..=path.len()).rev().find(|n| codes.contains_key(&path[..*n]));
            found.extend(known.map(|n| path[..n].to_vec()));
        };
        imports::from_root(code, &mut take);
        imports::from_above(module, code, &mut take);
        found.retain(|other| !module.starts_with(other) && !other.starts_with(module));
    }
    imports
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
