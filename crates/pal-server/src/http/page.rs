//! Lists in pages: `$top`, `$skiptoken`, `nextLink`.
//!
//! # The idea
//!
//! All pages of a list show one state of it: that of the instant of the first page. The token of the
//! next page says that instant, how far the pages have come, and a digest of the whole list. When the
//! next page is asked for, the list is made again as it was known then. Is it the same, the page goes
//! on where the one before ended; is it another (cost files were exchanged, the caller's roles have
//! changed), the page is refused, so that nothing is left out or there twice.
//!
//! What the caller may see is decided anew for each page, by the roles of now: a token gives no
//! rights. It is authenticated (HMAC-SHA-256) together with the caller, the path and all other
//! parameters: one that was made up, altered, given to somebody else or for another list is refused
//! (T32). `nextLink` begins with the configured public address, whatever a request says (T31).

use std::fmt::Debug;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_api::{List, Nothing};
use pal_model::{Facts, Instant};

use super::caller::SignedIn;
use super::content::Json;
use super::error::HttpError;
use super::query::{Form, Parameter, Query};
use crate::App;
use crate::seals::PageSeal;

/// How many at a time.
pub const TOP: Parameter = Parameter::new(
    "$top",
    Form::Pattern("^([1-9][0-9]{0,2}|1000)$"),
    "How many of the list at a time, 1 to 1000; 100 if not said.",
);
pub const SKIPTOKEN: Parameter = Parameter::new(
    "$skiptoken",
    Form::Text,
    "Where the page before ended; it is in nextLink, with all other parameters as they were.",
);
/// What lists without parameters of their own read.
pub const PAGED: &[Parameter] = &[TOP, SKIPTOKEN];

const USUAL: usize = 100;
const MOST: usize = 1_000;

#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    at: Instant,
    known: Instant,
    revision: i64,
    position: u64,
    list: [u8; 16],
}

/// Bytes of a [`Cursor`], and of the tag behind it.
const MARK: usize = 16 + 16 + 8 + 8 + 16;
const TAG: usize = 32;

impl Cursor {
    fn bytes(&self) -> Vec<u8> {
        [
            &self.at.nanoseconds().to_be_bytes()[..],
            &self.known.nanoseconds().to_be_bytes(),
            &self.revision.to_be_bytes(),
            &self.position.to_be_bytes(),
            &self.list,
        ]
        .concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (at, rest) = bytes.split_first_chunk::<16>()?;
        let (known, rest) = rest.split_first_chunk::<16>()?;
        let (revision, rest) = rest.split_first_chunk::<8>()?;
        let (position, rest) = rest.split_first_chunk::<8>()?;
        Some(Self {
            at: Instant::from_nanoseconds(i128::from_be_bytes(*at))?,
            known: Instant::from_nanoseconds(i128::from_be_bytes(*known))?,
            revision: i64::from_be_bytes(*revision),
            position: u64::from_be_bytes(*position),
            list: rest.try_into().ok()?,
        })
    }
}

#[derive(Debug, Clone)]
pub struct Page {
    /// Of which instant the list is: of the first page's.
    pub at: Instant,
    pub known: Instant,
    /// Most entries.
    pub top: usize,
    revision: i64,
    begin: Option<Cursor>,
    /// Path and query of the request, without the token.
    request: String,
    /// What stands before that path where the caller has called.
    prefix: &'static str,
    caller: String,
}

/// The entries of a page, and where the next one begins.
#[derive(Debug)]
pub struct Part<T> {
    pub values: Vec<T>,
    /// The next page; `None` = this is the last.
    pub next: Option<Cursor>,
}

impl<T> Part<T> {
    /// The same with other entries.
    pub fn map<U>(self, shown: impl FnMut(T) -> U) -> Part<U> {
        Part { values: self.values.into_iter().map(shown).collect(), next: self.next }
    }
}

impl Page {
    /// Reads [`TOP`] and [`SKIPTOKEN`].
    ///
    /// # Errors
    /// `$top` is out of its bounds; `$skiptoken` is not one that this caller got for this list; the
    /// store cannot be read.
    pub async fn read(
        app: &App,
        signed: &SignedIn,
        uri: &Uri,
        query: &Query,
    ) -> Result<Self, HttpError> {
        let who = signed.caller.principal;
        let mut page = Self {
            at: app.now(),
            known: Instant::MIN,
            top: query.parsed(TOP.name, top)?.unwrap_or(USUAL),
            revision: 0,
            begin: None,
            request: format!("{}?{}", uri.path(), query.without(SKIPTOKEN.name)),
            prefix: signed.prefix,
            caller: format!("{}/{}", who.tenant, who.object).to_ascii_lowercase(),
        };
        if let Some(token) = query.text(SKIPTOKEN.name) {
            let mark = page.opened(&app.pages, token).ok_or_else(|| {
                HttpError::bad_request(
                    "$skiptoken: it is not one that this service gave to this account for this \
                     list. Take nextLink as it is, or begin again without $skiptoken.",
                )
            })?;
            (page.at, page.known) = (mark.at, mark.known);
            (page.revision, page.begin) = (mark.revision, Some(mark));
        } else {
            // Before the list is read: what changes in between makes the next page look closer.
            (page.revision, page.known) = app.store.moment().await?;
        }
        Ok(page)
    }

    /// The facts of the list's instant; `latest` are those of now.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn facts(&self, app: &App, latest: &Arc<Facts>) -> Result<Arc<Facts>, HttpError> {
        if self.begin.is_none() || app.store.revision().await? == self.revision {
            return Ok(latest.clone());
        }
        Ok(app.live.facts_at(Some(self.known)).await?)
    }

    /// As known when the list is to be read: as the first page was; `None` = now, which
    /// is the same, because nothing has changed since.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn known_at(&self, app: &App) -> Result<Option<Instant>, HttpError> {
        let same = self.begin.is_none() || app.store.revision().await? == self.revision;
        Ok((!same).then_some(self.known))
    }

    /// Where the page before ended, for lists that are read from the store piece by piece.
    pub fn position(&self) -> Option<u64> {
        self.begin.map(|mark| mark.position)
    }

    /// A page that ends at a position and is not the last. Only for a list whose entries neither
    /// change nor move.
    pub const fn next(&self, position: u64) -> Cursor {
        Cursor { at: self.at, known: self.known, revision: self.revision, position, list: [0; 16] }
    }

    /// This page's part of a whole list, which must be in an order that depends on nothing but its
    /// entries. `name` tells entries apart.
    ///
    /// # Errors
    /// It is not the list that the page before was of.
    pub fn part<T>(&self, all: Vec<T>, name: impl Fn(&T) -> String) -> Result<Part<T>, HttpError> {
        let mut context = digest::Context::new(&digest::SHA256);
        for entry in &all {
            let name = name(entry);
            context.update(&(name.len() as u64).to_be_bytes());
            context.update(name.as_bytes());
        }
        let mut list = [0; 16];
        list.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        if self.begin.is_some_and(|mark| mark.list != list) {
            return Err(HttpError::bad_request(
                "$skiptoken: the list has changed since its first page. Begin again without \
                 $skiptoken.",
            ));
        }
        let begin = self.position().and_then(|p| usize::try_from(p).ok()).unwrap_or(0);
        let end = begin.saturating_add(self.top);
        let more = all.len() > end;
        let values = all.into_iter().skip(begin).take(self.top).collect();
        let next = more.then(|| Cursor { list, ..self.next(end as u64) });
        Ok(Part { values, next })
    }

    /// This page of a whole list of which nothing else is said.
    ///
    /// # Errors
    /// As [`Page::part`].
    pub fn list_of<T: Debug>(&self, app: &App, all: Vec<T>) -> Result<Json<List<T>>, HttpError> {
        Ok(self.list(app, Nothing {}, self.part(all, |entry| format!("{entry:?}"))?))
    }

    /// A part of the list, with what else is said of it.
    pub fn list<T, R>(&self, app: &App, rest: R, part: Part<T>) -> Json<List<T, R>> {
        let next_link = part.next.map(|mark| {
            let token = self.token(&app.pages, &mark);
            let and = if self.request.ends_with('?') { "" } else { "&" };
            format!("{}{}{}{and}%24skiptoken={token}", app.base, self.prefix, self.request)
        });
        Json(List { rest, value: part.values, next_link })
    }

    /// What the tag of a token is about.
    fn sealed(&self, mark: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        for part in [self.caller.as_bytes(), self.request.as_bytes(), mark] {
            text.extend((part.len() as u64).to_be_bytes());
            text.extend(part);
        }
        text
    }

    fn token(&self, seal: &PageSeal, mark: &Cursor) -> String {
        let mut bytes = mark.bytes();
        let tag = seal.sign(&self.sealed(&bytes));
        bytes.extend(tag.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn opened(&self, seal: &PageSeal, token: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|b| b.len() == MARK + TAG)?;
        let (mark, tag) = bytes.split_at_checked(MARK)?;
        if seal.is_of(tag, &self.sealed(mark)) { Cursor::read(mark) } else { None }
    }
}

fn top(text: &str) -> Result<usize, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let number = text.parse().ok().filter(|number| digits && (1..=MOST).contains(number));
    number.ok_or_else(|| format!("it must be a whole number from 1 to {MOST}"))
}
