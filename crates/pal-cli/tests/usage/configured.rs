//! The configuration of a data folder holds for the commands on it, as for its service.

use crate::usage::kept::{Kept, said, text};
use crate::usage::world::world;

fn configured(toml: &str) -> Kept {
    let kept = Kept::new();
    kept.write("usage.csv", world(3).csv()).write("data/openpal.toml", toml);
    kept
}

#[test]
fn the_bounds_of_the_decoder_are_those_of_the_folder() {
    let kept = configured("[usage]\ndecode_memory_mib = 1\n");
    let why = kept.refused(&["usage.csv"]);
    assert!(why.contains("needs more than 1 MiB"), "{why}");
    kept.write("data/openpal.toml", "[usage]\ndecode_memory_mib = 1024\n").taken(&["usage.csv"]);
}

/// How a service is reached is no concern of who works on its folder; what cannot be read is.
#[test]
fn only_what_concerns_usage_is_looked_at() {
    let kept = configured("[http]\nlisten = \"0.0.0.0:443\"\n");
    kept.taken(&["usage.csv"]);
    kept.write("data/openpal.toml", "[usage]\ndecode_memory_mib = \"much\"\n");
    let refused = kept.importing(&["usage.csv"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(text(&refused.stderr).contains("usage.decode_memory_mib"), "{}", said(&refused));
}

#[cfg(not(feature = "object-store"))]
#[test]
fn a_program_without_object_stores_refuses_one() {
    let kept = configured("[usage]\nstore = \"s3://bucket/usage\"\n");
    for args in [&["usage", "import", "usage.csv"][..], &["usage", "list"], &["report"]] {
        let refused = kept.folder.pal(&[args, &["--data-dir", "data"]].concat());
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        let why = text(&refused.stderr);
        assert!(why.contains("usage.store is 's3://bucket/usage'"), "{why}");
        assert!(why.contains("'cargo build --release --features object-store'"), "{why}");
        assert!(why.contains("data/openpal.toml"), "{why}");
    }
    kept.write("data/openpal.toml", "");
    assert_eq!(kept.imports().len(), 0);
}

#[cfg(feature = "object-store")]
#[test]
fn commands_use_the_store_of_the_service() {
    let kept = configured("");
    let store = kept.path("kept elsewhere");
    std::fs::create_dir(&store).unwrap();
    let url = store.to_str().unwrap().replace(' ', "%20");
    kept.write("data/openpal.toml", format!("[usage]\nstore = \"file://{url}/\"\n"));
    kept.taken(&["usage.csv"]);
    let totals = kept.totals();
    let mut files = crate::usage::kept::names(&store);
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    std::fs::remove_dir_all(kept.path("data/charges")).unwrap();
    assert_eq!(kept.totals(), totals);
    // The same again adds nothing.
    kept.taken(&["usage.csv"]);
    assert_eq!(crate::usage::kept::names(&store).len(), 3);
    let damaged = store.join(&files[1]);
    std::fs::write(&damaged, b"damaged").unwrap();
    std::fs::remove_file(kept.path("data/charges").join(&files[1])).unwrap();
    let refused = kept.folder.pal(&["report", "--data-dir", "data"]);
    assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), String::new()));
    let why = text(&refused.stderr);
    assert!(why.contains(&files[1]) && why.contains("changed or damaged"), "{why}");
    // Whoever forgets where the files are is reminded.
    let mut elsewhere = kept.importing(&["usage.csv"]);
    let refused = elsewhere.env("OPENPAL_USAGE__STORE", "").output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(text(&refused.stderr).contains("are kept in 'file://"), "{}", said(&refused));
}
