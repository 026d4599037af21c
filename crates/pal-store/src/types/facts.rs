//! Facts: imports of them, and what is read of them.

use std::collections::BTreeMap;

use pal_model::{
    FactError, Facts, Instant, Link, PartnerId, Principal, PrincipalKind, PrivacyLevel, Stated,
    TenantId, UserKind,
};

use super::Actor;

/// An account of a directory at an instant: the `principal` fact that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub principal: Principal,
    pub kind: PrincipalKind,
    /// Member or guest.
    pub user_kind: Option<UserKind>,
    pub name: Option<String>,
    /// Whether it may sign in and link.
    pub enabled: bool,
}

impl Account {
    /// Whether it may own a link: enabled, and not a group (R1, R2).
    pub fn may_link(&self) -> bool {
        self.enabled && self.kind != PrincipalKind::Group
    }
}

/// A directory that facts mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    pub tenant: TenantId,
    pub name: Option<String>,
    pub domain: Option<String>,
}

/// Facts to take in: JSON Lines as in `docs/reference/facts.md`.
pub struct FactImport<'a> {
    /// The name of the file, for messages and the audit log.
    pub name: &'a str,
    /// Its content.
    pub text: &'a str,
    /// The time of the import: what is imported becomes known now. Only the first import into an
    /// empty store that does not serve takes `recordedAt` of the lines as it is, and what has none as
    /// always known. Until a store serves, `link` facts become links (migration, demo); afterwards one
    /// that is active already is passed over, and any other refused.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
    /// A rule that the store does not know (names of roles); given all facts as they would be.
    pub check: FactCheck,
}

/// What partners are to see of a directory.
pub struct PrivacyChange {
    /// The directory.
    pub tenant: TenantId,
    /// How much.
    pub level: PrivacyLevel,
    /// From now on.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
}

/// A rule over a whole set of facts.
pub type FactCheck = Box<dyn Fn(&mut Facts) -> Result<(), FactError> + Send + Sync>;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Facts that are new.
    pub added: u64,
    /// Facts stated before with the same key and `from`, and otherwise now.
    pub replaced: u64,
    /// Facts that a later one with the same key ended.
    pub ended: u64,
    /// Facts that were there already, equal; links that are active in the register.
    pub unchanged: u64,
    /// Partners to whom somebody is linked and of which no fact is known, by number.
    pub unknown_partners: Vec<PartnerId>,
    /// The revision after it.
    pub revision: i64,
}

/// Which facts to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct FactsAt {
    /// As known at this instant; `None` = now.
    pub known_at: Option<Instant>,
    /// Only these directories' facts and the partners; `None` = all.
    pub tenant: Option<TenantId>,
    /// With `link` facts from the register's history.
    pub links: bool,
}

/// Facts, one JSON object a line, in an order that depends on nothing but the facts.
#[derive(Debug, Clone)]
pub struct FactsText {
    /// The lines.
    pub text: String,
    /// The revision they were read at.
    pub revision: i64,
    /// The instant asked for; for now, the last one at which anything became known: whoever asks for
    /// it later gets the same.
    pub known_at: Instant,
}

/// How far somebody has read facts and links. A store makes it, and nobody else looks inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactsPosition {
    /// The change of facts that was the last to be seen.
    pub(crate) change: i64,
    /// The last instant at which a link changed, as the store counts time.
    pub(crate) links: i64,
}

/// Links by account, each with the interval in which it held.
pub type LinksByAccount = BTreeMap<Principal, Vec<Stated<Link>>>;

/// Facts and links of one moment, or what is other in them than at an earlier one.
#[derive(Debug, Clone)]
pub struct FactsRead {
    /// The revision they were read at.
    pub revision: i64,
    /// As in [`FactsText`].
    pub known_at: Instant,
    /// How far this has read.
    pub position: FactsPosition,
    /// What was read.
    pub news: FactsNews,
}

/// What is other than at the position that was asked from.
#[derive(Debug, Clone)]
pub enum FactsNews {
    /// No fact is, but these accounts have these links instead of what they had; none where nothing is.
    Links(LinksByAccount),
    /// Facts are: all of them, one a line, and all links.
    All(String, LinksByAccount),
}
