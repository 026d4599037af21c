//! Answers of any length: written by a thread as fast as they are read, never held whole.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::error::HttpError;
use crate::work::{Place, StopOnDrop, Workload};

/// Bytes that are sent at a time.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow reader.
const WAITING: usize = 2;

pub struct Writer {
    pieces: Sender<io::Result<Bytes>>,
    /// Held until the first piece is on its way: what comes then is as slow as its reader.
    place: Option<Place>,
    current: Vec<u8>,
}

impl Writer {
    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.current, Vec::with_capacity(PIECE));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.pieces.blocking_send(Ok(piece.into())).map_err(gone)?;
        self.place = None;
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.current.extend_from_slice(bytes);
        if self.current.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.current.is_empty() { Ok(()) } else { self.send() }
    }
}

struct StreamedBody {
    first: Option<Bytes>,
    rest: Receiver<io::Result<Bytes>>,
    _stop_on_drop: StopOnDrop,
}

impl http_body::Body for StreamedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        self.rest.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Runs `write` on a thread of its own, in a place for such work; it is told when nobody reads any more.
/// An error before the first piece is the answer; one after it breaks the answer off, so that nobody
/// takes half of it for the whole.
///
/// # Errors
/// What `write` returns, as long as nothing was sent; there are too many such answers.
pub async fn streamed(
    work: &Workload,
    place: Place,
    write: impl FnOnce(Writer, &AtomicBool) -> Result<(), HttpError> + Send + 'static,
) -> Result<Body, HttpError> {
    let download = work.downloads.admit().await?;
    let stop_on_drop = StopOnDrop::default();
    let stop = stop_on_drop.stop();
    let (pieces, mut rest) = channel(WAITING);
    let failed = pieces.clone();
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _download = download;
        let place = Some(place);
        let writer = Writer { pieces, place, current: Vec::with_capacity(PIECE) };
        if let Err(error) = write(writer, &stop) {
            if let Err(error) = tell.send(error) {
                tracing::error!(?error, "an answer broke off");
            }
            let _ = failed.blocking_send(Err(io::Error::other("the answer broke off")));
        }
    });
    match rest.recv().await {
        Some(Ok(first)) => {
            Ok(Body::new(StreamedBody { first: Some(first), rest, _stop_on_drop: stop_on_drop }))
        }
        None => match told.await {
            Ok(error) => Err(error),
            // Nothing to say, or the thread died.
            Err(_) => Ok(Body::empty()),
        },
        Some(Err(_)) => Err(told.await.unwrap_or_else(|_| HttpError::internal())),
    }
}
