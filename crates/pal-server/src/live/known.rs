//! The facts that all readers share.
//!
//! # The idea
//!
//! Facts are read and indexed once, and every request looks at the same copy. When something changes,
//! one reader asks the store what: after a change of links only the lists of links are made anew and
//! everything else is shared with the state before, and while facts are imported those who come meanwhile
//! wait for the one who reads, instead of reading themselves.
//!
//! # Worked example
//!
//! Revision 7 has 100,000 facts and is kept. Ann changes her link: revision 8. Of the 16 requests that
//! come next one asks the store for what changed after its position, gets Ann's links, and puts them in
//! the place of her old ones. The other 15 wait for that, and share it. A report as known at an instant
//! at which revision 8 was the last is made of it, too; one as known before Ann's change reads the facts
//! as they were then, and the last few of such states are kept.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use pal_attribution::fingerprint::Fingerprints;
use pal_attribution::roles::RoleData;
use pal_model::{FactError, Facts, Instant, Principal};
use pal_store::{FactsNews, FactsPosition, FactsRead, Store, StoreError};
use tokio::sync::Mutex;

use super::LiveError;

/// As what sources of facts and of links are shown.
const REGISTER: &str = "register";
const LINKS: &str = "links";

/// Earlier states that are kept: pages of one list, and a report beside its explanation.
const EARLIER: usize = 2;

/// Facts of one moment.
pub struct KnownFacts {
    /// The instant as of which they were read, or the last one at which anything had become known.
    pub at: Instant,
    pub facts: Arc<Facts>,
    fingerprints: Arc<OnceLock<Arc<Fingerprints>>>,
    /// The fingerprints of an earlier state that differs in links only, and whose links those are.
    earlier: Option<(Arc<Fingerprints>, BTreeSet<Principal>)>,
}

impl KnownFacts {
    fn new(at: Instant, facts: Facts) -> Self {
        Self { at, facts: Arc::new(facts), fingerprints: Arc::default(), earlier: None }
    }

    /// Facts that are others in nothing but the links of some accounts.
    fn with_links(&self, at: Instant, facts: Facts, mut changed: BTreeSet<Principal>) -> Self {
        let earlier = match (self.fingerprints.get(), &self.earlier) {
            (Some(taken), _) => Some((taken.clone(), changed)),
            (None, Some((taken, before))) => {
                changed.extend(before);
                Some((taken.clone(), changed))
            }
            (None, None) => None,
        };
        Self { earlier, ..Self::new(at, facts) }
    }

    /// The same facts, as known later.
    fn at(&self, at: Instant) -> Self {
        let (facts, fingerprints) = (self.facts.clone(), self.fingerprints.clone());
        Self { at, facts, fingerprints, earlier: self.earlier.clone() }
    }

    /// Tells whether what is known about a subscription is the same as at another time. Takes its time
    /// where nobody has asked before: not for a thread that serves requests.
    pub fn fingerprints(&self) -> &Fingerprints {
        self.fingerprints.get_or_init(|| {
            Arc::new(match &self.earlier {
                Some((taken, changed)) => taken.with_links(&self.facts, changed),
                None => Fingerprints::new(&self.facts),
            })
        })
    }
}

/// The state of now.
#[derive(Clone)]
struct Current {
    revision: i64,
    known: Arc<KnownFacts>,
    position: FactsPosition,
    /// Not later than this the facts became what they are.
    since: Instant,
}

/// Facts as they are now and as they were, each read by one for all.
pub struct FactsCache {
    store: Arc<dyn Store>,
    roles: Arc<RoleData>,
    current: RwLock<Option<Current>>,
    /// Held by the one who reads.
    reading: Mutex<()>,
    /// The last asked for at the end. Held while one is read.
    earlier: Mutex<Vec<(Instant, Arc<KnownFacts>)>>,
}

impl FactsCache {
    pub fn new(store: Arc<dyn Store>, roles: Arc<RoleData>) -> Self {
        let (current, reading) = (RwLock::default(), Mutex::default());
        Self { store, roles, current, reading, earlier: Mutex::default() }
    }

    /// The facts now, and the revision they are of.
    pub async fn now(&self) -> Result<(i64, Arc<KnownFacts>), LiveError> {
        self.current().await.map(|current| (current.revision, current.known))
    }

    /// The facts as they were known at an instant, and the revision of now.
    pub async fn as_known(&self, at: Instant) -> Result<(i64, Arc<KnownFacts>), LiveError> {
        // From here on nothing becomes known at this instant any more.
        self.store.pin(at).await?;
        let current = self.current().await?;
        if current.since <= at {
            return Ok((current.revision, Arc::new(current.known.at(at))));
        }
        let mut earlier = self.earlier.lock().await;
        let known = match earlier.iter().position(|(known, _)| *known == at) {
            Some(place) => earlier.remove(place).1,
            None => self.made(None, self.store.read_facts(None, Some(at)).await?).await?,
        };
        if earlier.len() == EARLIER {
            earlier.remove(0);
        }
        earlier.push((at, known.clone()));
        Ok((current.revision, known))
    }

    async fn current(&self) -> Result<Current, LiveError> {
        let revision = self.store.revision().await?;
        let kept = || self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(current) = kept().filter(|current| current.revision >= revision) {
            return Ok(current);
        }
        let _reading = self.reading.lock().await;
        let before = kept();
        if let Some(current) = before.clone().filter(|current| current.revision >= revision) {
            return Ok(current);
        }
        let read = self.store.read_facts(before.as_ref().map(|b| b.position), None).await?;
        let (revision, position, known_at) = (read.revision, read.position, read.known_at);
        let next = match before {
            Some(before) if is_same(&read.news) => {
                let known = Arc::new(before.known.at(known_at));
                Current { revision, known, position, since: before.since }
            }
            before => {
                if matches!(read.news, FactsNews::All(..)) {
                    // Somebody may have been erased from what was known earlier, too.
                    self.earlier.lock().await.clear();
                }
                let known = self.made(before.map(|before| before.known), read).await?;
                Current { revision, known, position, since: known_at }
            }
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(next.clone());
        Ok(next)
    }

    /// What was read, on the state before it if it says only what has changed.
    async fn made(
        &self,
        before: Option<Arc<KnownFacts>>,
        read: FactsRead,
    ) -> Result<Arc<KnownFacts>, LiveError> {
        let roles = self.roles.clone();
        let made = tokio::task::spawn_blocking(move || -> Result<_, FactError> {
            let changed = match &read.news {
                FactsNews::Links(links) => Some(links.keys().copied().collect()),
                FactsNews::All(..) => None,
            };
            let facts = before.as_ref().map_or_else(Facts::default, |b| Facts::clone(&b.facts));
            let facts = parse(read.news, facts, &roles)?;
            Ok(Arc::new(match (before, changed) {
                (Some(before), Some(changed)) => before.with_links(read.known_at, facts, changed),
                _ => KnownFacts::new(read.known_at, facts),
            }))
        });
        let failed = |error| StoreError::Unavailable(format!("reading facts was ended: {error}"));
        Ok(made.await.map_err(failed)??)
    }
}

fn is_same(news: &FactsNews) -> bool {
    matches!(news, FactsNews::Links(links) if links.is_empty())
}

/// Facts out of what was read from a store; `before` = those at the position that was read from.
///
/// # Errors
/// A line, or a rule between lines, is broken.
pub fn parse(news: FactsNews, mut before: Facts, roles: &RoleData) -> Result<Facts, FactError> {
    let (text, links) = match news {
        FactsNews::All(text, links) => (text, links),
        FactsNews::Links(links) => {
            before.replace_links(LINKS, links);
            return Ok(before);
        }
    };
    let mut facts = Facts::default();
    facts.read(REGISTER, &text, None)?;
    facts.replace_links(LINKS, links);
    roles.resolve_names(&mut facts)?;
    facts.check()?;
    Ok(facts)
}
