//! Lines on their way to standard error.
//!
//! Nobody can be trusted to read standard error: its pipe may be full or broken, its disk may be full. So
//! no request writes there. It puts a line into a queue that is bounded and never waits; one thread
//! writes. What finds no room, or cannot be written, is lost, and how many lines were lost is counted
//! and told once there is room again.
//!
//! `tracing-appender` has such a queue, and does not fit: it forgets lines that cannot be written
//! without counting them, and at its end it prints to standard output when the queue is full, which
//! waits for ever if that is the same pipe.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Most lines that wait.
const ROOM: usize = 8_192;
/// How long to wait for a descriptor that takes nothing just now.
const PAUSE: Duration = Duration::from_millis(10);

/// Takes lines at once, whatever becomes of them.
#[derive(Debug, Clone)]
pub struct LineQueue {
    give: SyncSender<Vec<u8>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    waiting: AtomicUsize,
    /// Lost, and not told yet.
    lost: AtomicU64,
    /// Lost since the start.
    ever_lost: AtomicU64,
}

impl LineQueue {
    /// With a thread that writes to standard error.
    ///
    /// # Errors
    /// There can be no further thread.
    pub fn to_stderr() -> io::Result<Self> {
        Self::to(io::stderr(), ROOM)
    }

    fn to(out: impl Write + Send + 'static, room: usize) -> io::Result<Self> {
        let (give, take) = sync_channel(room);
        let queue = Self { give, counts: Arc::default() };
        let counts = queue.counts.clone();
        let writer = std::thread::Builder::new().name("log".to_owned());
        writer.spawn(move || write_all(out, &take, &counts, room))?;
        Ok(queue)
    }

    /// Takes a line with its end.
    pub fn put(&self, line: Vec<u8>) {
        self.counts.waiting.fetch_add(1, Ordering::AcqRel);
        if self.give.try_send(line).is_err() {
            self.counts.waiting.fetch_sub(1, Ordering::AcqRel);
            self.counts.lose(1);
        }
    }

    /// How many lines wait.
    pub fn waiting(&self) -> usize {
        self.counts.waiting.load(Ordering::Acquire)
    }

    /// How many were lost since the start.
    pub fn lost(&self) -> u64 {
        self.counts.ever_lost.load(Ordering::Acquire)
    }

    /// Waits until all lines are written, and no longer than this.
    pub fn finish(&self, longest: Duration) {
        let begun = Instant::now();
        while self.counts.waiting.load(Ordering::Acquire) > 0 && begun.elapsed() < longest {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Counts {
    fn lose(&self, lines: u64) {
        self.lost.fetch_add(lines, Ordering::AcqRel);
        self.ever_lost.fetch_add(lines, Ordering::AcqRel);
    }
}

fn write_all(mut out: impl Write, take: &Receiver<Vec<u8>>, counts: &Counts, room: usize) {
    let mut torn = false;
    for line in take {
        // What a full disk has taken of a line must not become the beginning of another one.
        let whole = (!torn || write(&mut out, b"\n").is_ok()) && {
            let written = write(&mut out, &line);
            torn = matches!(written, Err(taken) if taken > 0);
            written.is_ok()
        };
        let waiting = counts.waiting.fetch_sub(1, Ordering::AcqRel);
        if !whole {
            counts.lose(1);
        } else if waiting <= room / 2 + 1 {
            let lines = counts.lost.swap(0, Ordering::AcqRel);
            if lines > 0 {
                tracing::warn!(lines, "lines of this log were lost: standard error took no more");
            }
        }
    }
}

/// An error is the number of bytes that were written all the same.
fn write(out: &mut impl Write, line: &[u8]) -> Result<(), usize> {
    let mut taken = 0;
    while taken < line.len() {
        match out.write(&line[taken..]) {
            Ok(0) => return Err(taken),
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
            Err(_) => return Err(taken),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;

    /// Takes a line only when it is told to, or fails.
    struct Reader {
        allowed: Receiver<io::Result<usize>>,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let most = self.allowed.recv().unwrap_or(Ok(usize::MAX))?.min(bytes.len());
            self.taken.lock().unwrap().extend(&bytes[..most]);
            Ok(most)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    type Told = mpsc::Sender<io::Result<usize>>;

    fn queue(room: usize) -> (LineQueue, Told, Arc<Mutex<Vec<u8>>>) {
        let (tell, allowed) = mpsc::channel();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let reader = Reader { allowed, taken: taken.clone() };
        (LineQueue::to(reader, room).unwrap(), tell, taken)
    }

    #[test]
    fn nobody_waits_for_a_reader_and_what_is_lost_is_counted() {
        let (queue, tell, taken) = queue(4);
        let begun = Instant::now();
        for number in 0..100 {
            queue.put(format!("{number}\n").into_bytes());
        }
        assert!(begun.elapsed() < Duration::from_secs(5));
        // Four wait, and one may be in the writer's hand.
        let lost = queue.counts.lost.load(Ordering::Acquire);
        assert!((95..=96).contains(&lost), "{lost}");
        queue.finish(Duration::from_millis(20));
        assert!(taken.lock().unwrap().is_empty());
        drop(tell);
        queue.finish(Duration::from_secs(30));
        let text = String::from_utf8(taken.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("0\n1\n2\n3\n"), "{text}");
    }

    #[test]
    fn an_error_loses_a_line_and_no_more() {
        let (queue, tell, taken) = queue(4);
        for allowed in [Ok(2), Err(ErrorKind::StorageFull.into())] {
            tell.send(allowed).unwrap();
        }
        drop(tell);
        queue.put(b"first\n".to_vec());
        queue.put(b"second\n".to_vec());
        queue.finish(Duration::from_secs(30));
        assert_eq!(*taken.lock().unwrap(), b"fi\nsecond\n");
    }
}
