//! The bytes of a connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::error_form::in_error_form;
use super::heads::Heads;
use super::progress::Progress;

/// A stream that ends when its client does not get on.
pub struct MonitoredStream<S> {
    stream: S,
    progress: Arc<Progress>,
    look: Pin<Box<Sleep>>,
    heads: Heads,
    /// What is written instead of the parser's own answer, and how much of it has been.
    instead: Option<(Vec<u8>, usize)>,
}

impl<S> MonitoredStream<S> {
    pub fn new(stream: S, progress: Arc<Progress>) -> Self {
        let look = Box::pin(sleep_until(Instant::now()));
        Self { stream, progress, look, heads: Heads::default(), instead: None }
    }

    /// Whether the client still has time; wakes the task when that is to be asked again.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while self.look.as_mut().poll(context).is_ready() {
            match self.progress.look_again(Instant::now()) {
                Some(next) => self.look.as_mut().reset(next),
                None => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for MonitoredStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(request) = self.heads.add(&buffer.filled()[before..]) {
            self.progress.is_ambiguous(request);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for MonitoredStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        if self.instead.is_none() && !self.progress.is_under_way() {
            self.instead = in_error_form(bytes).map(|instead| (instead, 0));
        }
        let own = &mut *self;
        let Some((instead, written)) = &mut own.instead else {
            return Pin::new(&mut own.stream).poll_write(context, bytes);
        };
        while *written < instead.len() {
            let more = Pin::new(&mut own.stream).poll_write(context, &instead[*written..]);
            match ready!(more)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        own.instead = None;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        if let [only] = parts
            && !self.progress.is_under_way()
        {
            return self.poll_write(context, only);
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
