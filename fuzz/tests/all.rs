//! The seeds, and the inputs that once failed, through every target: what `cargo xtask fuzz` starts from holds.

use std::fs;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pal_fuzz::Bound;

/// Memory is counted for the whole process, so tests run one after the other.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names in a folder; none where it is not there.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let name = |path: std::path::PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap().path())).collect();
    names.sort();
    names
}

#[test]
fn what_once_failed_is_read() {
    let _alone = alone();
    let known = names(&folder("regressions"));
    for target in pal_fuzz::all().filter(|target| known.iter().any(|name| name == target.name)) {
        let name = target.name;
        for entry in fs::read_dir(folder("regressions").join(name)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            target.read(&fs::read(&path).unwrap());
        }
    }
}

#[test]
fn the_seeds_are_read() {
    let _alone = alone();
    for target in pal_fuzz::all() {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has nothing to start from", target.name);
        for (n, seed) in seeds.iter().enumerate() {
            println!("{} {n}", target.name);
            target.read(seed);
        }
    }
}

/// Each target has its program, and each is in the table of the page.
#[test]
fn every_target_has_a_program_and_is_described() {
    let _alone = alone();
    let programs = names(&folder("targets"));
    assert!(pal_fuzz::all().all(|target| programs.iter().any(|name| name == target.name)));
    if cfg!(feature = "private-readers") {
        assert_eq!(programs.len(), pal_fuzz::all().count());
    }
    let page = fs::read_to_string(folder("README.md")).unwrap();
    for target in pal_fuzz::all() {
        let bound = format!("{} KiB + {} × input", target.bound.fixed, target.bound.each);
        let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", target.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in README.md", target.name));
        assert!(row.contains(&bound), "{} has the bound {bound}", target.name);
    }
}

#[test]
fn memory_above_the_bound_is_seen_even_if_it_is_never_written() {
    let _alone = alone();
    let bound = Bound { fixed: 512, each: 2 };
    let takes = |bytes: usize| {
        let ended = catch_unwind(|| {
            bound.check(1_000, || drop(black_box(Vec::<u8>::with_capacity(bytes))));
        });
        ended.is_ok()
    };
    assert!(takes(400 << 10));
    assert!(!takes(64 << 20));
}
