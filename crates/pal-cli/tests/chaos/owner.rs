//! An owner who changes a link, and remembers what was acknowledged.

use pal_store::{LinkRecord, LinkState};

use crate::support::running::{Client, Dice, MALMO, UTRECHT, assert_gapless};

/// A link as its owner knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    version: i64,
    /// The last partner set.
    partner: u64,
    active: bool,
}

const NEVER: Known = Known { version: 0, partner: 0, active: false };

/// One principal: what was acknowledged, and what it may have become since.
pub struct Owner {
    pub client: Client,
    known: Known,
    /// A request of which the end is not known.
    pub pending: Option<Known>,
    acknowledged: Vec<Known>,
}

impl Owner {
    /// Somebody who has never linked.
    pub fn new(client: Client) -> Self {
        Self { client, known: NEVER, pending: None, acknowledged: Vec::new() }
    }

    /// The next change, and what it makes of the link.
    fn next(&self, dice: &mut Dice) -> (&'static str, Known) {
        let partner = [UTRECHT, MALMO][dice.roll(2)];
        let version = self.known.version + 1;
        if !self.known.active {
            return ("PUT", Known { version, partner, active: true });
        }
        if dice.roll(3) == 0 {
            return ("DELETE", Known { version, partner: self.known.partner, active: false });
        }
        ("PATCH", Known { version, partner, active: true })
    }

    /// Makes a change. `false` = the service is gone.
    pub fn write(&mut self, dice: &mut Dice) -> bool {
        let (method, after) = self.next(dice);
        self.pending = Some(after);
        let Ok(answer) = self.client.link(method, Some(after.partner)) else { return false };
        if answer.status == 503 {
            // Refused, or not known: the next look tells.
            return true;
        }
        assert_eq!(answer.status, 200, "{method} {after:?}: {answer:?}");
        if method != "DELETE" {
            assert_eq!((answer.version(), answer.partner()), (after.version, after.partner));
        }
        self.known = after;
        self.pending = None;
        self.acknowledged.push(after);
        true
    }

    /// After a restart: the link is what was acknowledged, or what was under way, and nothing else.
    pub fn look(&mut self) {
        let answer = self.client.link("GET", None).or_else(|_| self.client.link("GET", None));
        let answer = answer.unwrap();
        let fits = |state: &Known| match answer.status {
            200 => {
                state.active
                    && (answer.version(), answer.partner()) == (state.version, state.partner)
            }
            404 => !state.active,
            other => panic!("GET: {other}: {answer:?}"),
        };
        let (known, pending) = (self.known, self.pending.take());
        self.known = match pending.filter(fits) {
            Some(done) => done,
            None if fits(&known) => known,
            None => panic!(
                "acknowledged {known:?}, under way {pending:?}, found {}",
                String::from_utf8_lossy(&answer.body)
            ),
        };
    }

    /// How many changes were acknowledged.
    pub fn changes(&self) -> usize {
        self.acknowledged.len()
    }

    /// The history has every change that was acknowledged, and none that nobody made.
    pub fn assert_kept(&self, history: &[LinkRecord]) {
        assert_gapless(history);
        for known in &self.acknowledged {
            let kept = &history[usize::try_from(known.version).unwrap() - 1];
            let active = kept.state == LinkState::Active;
            assert_eq!((kept.partner.number(), active), (known.partner, known.active), "{known:?}");
        }
        assert_eq!(history.len(), usize::try_from(self.known.version).unwrap());
    }
}
