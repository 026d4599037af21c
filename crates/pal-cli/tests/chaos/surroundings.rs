//! The service goes on when what is around it does not: a log that nobody reads, a full disk.

use std::io::pipe;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::running::{Answer, Client, Running, TENANT, UTRECHT, alone, object};

const PLAIN: &str = "exec \"$0\" \"$@\"";

/// Links, asks until the log is larger than any pipe, unlinks, and ends by itself.
fn goes_on(running: &mut Running, what: &str) {
    let begun = Instant::now();
    let mut client = running.client(0);
    let linked = client.link("PUT", Some(UTRECHT)).unwrap();
    assert_eq!(linked.status, 200, "{what}: {linked:?}");
    for _ in 0..1_000 {
        let shown = client.link("GET", None).unwrap();
        assert_eq!(shown.status, 200, "{what}: {shown:?}");
    }
    assert_eq!(client.link("DELETE", Some(UTRECHT)).unwrap().status, 200, "{what}");
    assert!(begun.elapsed() < Duration::from_secs(50), "{what}: {:?}", begun.elapsed());
    running.stop();
}

#[test]
fn standard_error_that_takes_nothing_stops_nobody() {
    let _alone = alone();
    let mut running = Running::new(1, &[]);
    running.stop();
    let loud = ["--set", "log.level=trace"];
    let (unread, full) = pipe().unwrap();
    running.start_through(PLAIN, full.into(), &loud);
    goes_on(&mut running, "a pipe that nobody reads");
    drop(unread);

    let (reader, broken) = pipe().unwrap();
    drop(reader);
    running.start_through(PLAIN, broken.into(), &loud);
    goes_on(&mut running, "a broken pipe");

    running.start_through("exec \"$0\" \"$@\" 2>&-", Stdio::null(), &loud);
    goes_on(&mut running, "closed");

    if cfg!(target_os = "linux") {
        running.start_through("exec \"$0\" \"$@\" 2>/dev/full", Stdio::null(), &loud);
        goes_on(&mut running, "a full disk");
    }
}

#[test]
fn an_upload_that_the_disk_does_not_take_is_503() {
    let _alone = alone();
    let operator = format!("[\"{TENANT}/{}\"]", object(0));
    let mut running = Running::new(1, &[("operators", &operator)]);
    running.stop();
    // No file of the service may be larger than half a MiB or a whole one, as the shell counts.
    let small = format!("trap '' XFSZ; ulimit -S -f 1024; {PLAIN}");
    running.start_through(&small, Stdio::null(), &[]);
    let send = |bytes: usize| -> Answer {
        let client: Client = running.client(0);
        client.upload("/api/v1/usage/imports", &archive(&vec![b'a'; bytes])).unwrap()
    };
    let refused = send(3 << 20);
    assert_eq!(refused.status, 503, "{refused:?}");
    let head = refused.head.to_ascii_lowercase();
    assert!(head.contains("\r\nretry-after: "), "{head}");
    let text = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        text.contains("its disk may be full") && text.contains("Nothing was changed"),
        "{text}"
    );
    // What fits is looked at, and is no cost data.
    let looked_at = send(1 << 10);
    assert_eq!(looked_at.status, 422, "{looked_at:?}");
    running.stop();
}

fn archive(content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, "costs/costs.csv", content).unwrap();
    archive.into_inner().unwrap()
}
