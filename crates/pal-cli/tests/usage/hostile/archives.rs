//! Uploads: tar archives that lead elsewhere, lie, or do not end.

use crate::table::gzip;
use crate::usage::world::{row, table};

/// An archive, what it is called here, and what the answer must say.
pub struct Archive {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub says: &'static str,
}

/// An entry as it is in the archive, whatever it says.
fn entry(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = header(name, kind, content.len() as u64);
    header.extend(content);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

fn header(name: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    header.set_size(size);
    header.set_mode(0o777);
    header.as_old_mut().linkflag = [kind];
    if [b'1', b'2'].contains(&kind) {
        header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
    }
    header.set_cksum();
    header.as_bytes().to_vec()
}

const END: [u8; 1_024] = [0; 1_024];

fn csv() -> Vec<u8> {
    table((0..6).map(|n| row(6, 0, n)).collect()).csv()
}

/// Entries, and the end.
pub fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    [&entries.concat()[..], &END].concat()
}

pub fn all() -> Vec<Archive> {
    let csv = csv();
    let good = || entry(b"f/good.csv", b'0', &csv);
    let named = |name: &[u8]| archive(&[good(), entry(name, b'0', &csv)]);
    let kind = |kind: u8| archive(&[good(), entry(b"f/x.csv", kind, b"")]);
    let whole = archive(&[good(), entry(b"f/x.csv", b'0', &csv)]);
    let mut sum = whole.clone();
    sum[5] ^= 1;
    let claimed = |size: u64| archive(&[good(), header(b"f/x.csv", b'0', size)]);
    let mut no_size = header(b"f/x.csv", b'0', 5);
    no_size[124..136].copy_from_slice(b"many of them");
    let names = |text: &[u8]| archive(&[entry(b"names.json", b'0', text), good()]);
    let long = |kind: u8, text: &[u8]| archive(&[entry(b"x", kind, text), good()]);
    let many: Vec<u8> =
        (0..20_000).flat_map(|n| entry(format!("f/{n}.csv").as_bytes(), b'0', b"")).collect();
    let mut all = Vec::new();
    let mut add = |name, bytes, says| all.push(Archive { name, bytes, says });
    add("absolute", named(b"/etc/cron.d/x.csv"), "/etc/cron.d/x.csv");
    add("up", named(b"../x.csv"), "../x.csv");
    add("up and down", named(b"f/../../x.csv"), "f/../../x.csv");
    add("up by a folder", named(b"../../../../tmp/x/x.csv"), "x.csv");
    add("deep", named(b"f/g/x.csv"), "f/g/x.csv");
    add("at the root", named(b"x.csv"), "x.csv");
    add("control characters", named(b"f/g/\x1b[2J\nx.csv"), "x.csv");
    add("not UTF-8", named(b"f/\xff\xfe.csv"), "not UTF-8");
    add("backslashes", named(b"..\\..\\x.csv"), "x.csv");
    add("twice", archive(&[good(), good()]), "f/good.csv is in it twice");
    add("twice by another way", archive(&[good(), entry(b"./f/good.csv", b'0', &csv)]), "good.csv");
    add("a symbolic link", kind(b'2'), "f/x.csv is not a regular file");
    add("a hard link", kind(b'1'), "f/x.csv is not a regular file");
    add("a character device", kind(b'3'), "f/x.csv is not a regular file");
    add("a block device", kind(b'4'), "f/x.csv is not a regular file");
    add("a pipe", kind(b'6'), "f/x.csv is not a regular file");
    add("a sparse file", kind(b'S'), "f/x.csv is not a regular file");
    add("an unknown kind", kind(b'Z'), "f/x.csv is not a regular file");
    add("a long link", kind(b'K'), "is not a regular file");
    add("20,000 files", archive(&[many]), "more than 10000 files");
    add("cut in a head", whole[..whole.len() - 1_024 - 700].to_vec(), "");
    add("cut in a file", whole[..800].to_vec(), "");
    add("cut between files", whole[..good().len()].to_vec(), "ends before the archive does");
    add("cut before its end", whole[..whole.len() - 1_024].to_vec(), "ends before");
    add("cut in its end", whole[..whole.len() - 600].to_vec(), "");
    add("a wrong sum", sum, "");
    add("8 GiB of a file", claimed((8 << 30) - 1), "");
    add("an endless file", claimed(u64::MAX >> 1), "");
    add("a size in words", archive(&[good(), no_size]), "");
    add("names that are no JSON", names(b"{\"f/good.csv\": "), "names.json");
    add("names that are numbers", names(b"{\"f/good.csv\": 7}"), "names.json");
    add("names of 8 MiB", names(&vec![b' '; 8 << 20]), "names.json");
    add("a path of 64 MiB", long(b'L', &vec![b'a'; 64 << 20]), "more than 64 KiB");
    add("a PAX head of 64 MiB", long(b'x', &vec![b'a'; 64 << 20]), "more than 64 KiB");
    add("a PAX path up", long(b'x', b"20 path=../../x.csv\n"), "../../x.csv");
    add("a PAX size", long(b'x', b"20 size=99999999999\n"), "larger than 8 GiB");
    add("a PAX head of garbage", long(b'x', b"path path path\n"), "");
    add("a long path up", long(b'L', b"../../../x.csv\0"), "../../../x.csv");
    add("a long name", long(b'L', &[b"f/".to_vec(), vec![b'x'; 300]].concat()), "");
    add("nothing in it", END.to_vec(), "no cost data in the upload");
    add("no bytes", Vec::new(), "ends before");
    add("no archive", b"ChargePeriodStart,ChargePeriodEnd\n".repeat(99), "");
    add("packed", gzip(&whole), "");
    add("zeros, then more", [&END[..], &END, &good(), &END].concat(), "no cost data");
    all
}
