//! SIGKILL while an import decodes, moves its files and commits: the same import once more gives
//! what an undisturbed one gives, and leaves nothing behind.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::usage::kept::{Kept, names, number};
use crate::usage::world::world;

/// Kills in one folder before the import is repeated.
const IN_A_ROW: usize = 4;

/// Where an import was when it was killed.
#[derive(Debug, Default)]
struct Hits {
    before: usize,
    decoding: usize,
    moved: usize,
    committed: usize,
}

fn start(kept: &Kept) -> Child {
    let mut command = kept.importing(&["usage.csv"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn files(kept: &Kept) -> usize {
    names(&kept.path("data/charges")).iter().filter(|name| name.ends_with(".parquet")).count()
}

/// Waits for the moment of a kill: a part of the whole time, or the first file that is moved.
fn wait(kept: &Kept, child: &mut Child, round: usize, rounds: usize, whole: Duration) {
    let (begun, before) = (Instant::now(), files(kept));
    let part = |of: u32| whole * of / 1_000;
    let moment = match round % 4 {
        // Spread over all of it.
        0 | 1 => part((950 * round / rounds) as u32),
        // The end of it.
        2 => part(800 + (250 * round / rounds) as u32),
        // Where files are moved and committed.
        _ => whole * 3,
    };
    while begun.elapsed() < moment && child.try_wait().unwrap().is_none() {
        if round % 4 == 3 && files(kept) > before {
            std::thread::sleep(Duration::from_micros(100 * (round as u64 % 16)));
            break;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
}

#[test]
fn an_import_that_is_killed_can_be_repeated() {
    let kills = number("PAL_KILLS", 24);
    let each = if kills > 50 { 16_000 } else { 3_000 };
    let empty = Kept::new();
    empty.write("usage.csv", world(each).csv());
    let undisturbed = empty.copy();
    let begun = Instant::now();
    undisturbed.taken(&["usage.csv"]);
    let whole = begun.elapsed();
    let totals = undisturbed.totals();
    let (mut hits, mut kept) = (Hits::default(), empty.copy());
    for round in 0..kills {
        let (imports, before) = (kept.imports().len(), files(&kept));
        let mut child = start(&kept);
        wait(&kept, &mut child, round, kills, whole);
        let _ = child.kill();
        child.wait().unwrap();
        let desks = names(&kept.path("data/charges"));
        match () {
            () if kept.imports().len() > imports => hits.committed += 1,
            () if files(&kept) > before => hits.moved += 1,
            () if desks.iter().any(|name| name.starts_with(".import-")) => hits.decoding += 1,
            () => hits.before += 1,
        }
        if round % IN_A_ROW == IN_A_ROW - 1 || round == kills - 1 {
            kept.taken(&["usage.csv"]);
            assert_eq!(kept.totals(), totals, "round {round}");
            assert_eq!(kept.litter(), Vec::<String>::new(), "round {round}");
            kept.assert_whole();
            kept = empty.copy();
        }
    }
    println!("{kills} kills in imports of {whole:?}: {hits:?}");
    assert!(hits.decoding > 0 && hits.moved + hits.committed > 0, "{hits:?}");
}
