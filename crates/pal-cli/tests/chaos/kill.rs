//! SIGKILL at random points under writers: nothing that was acknowledged is lost, nothing is half
//! done, and the service is ready again at once (P5).

use std::time::Duration;

use crate::support::running::{
    Client, Dice, MALMO, Running, UTRECHT, alone, assert_gapless, number,
};

const WRITERS: usize = 16;
const OWNERS_EACH: usize = 4;

/// A link as its owner knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    version: i64,
    /// The last partner set.
    partner: u64,
    active: bool,
}

const NEVER: Known = Known { version: 0, partner: 0, active: false };

/// One principal: what was acknowledged, and what it may have become since.
struct Owner {
    client: Client,
    known: Known,
    /// A request whose end nobody told.
    pending: Option<Known>,
    acknowledged: Vec<Known>,
}

impl Owner {
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
    fn write(&mut self, dice: &mut Dice) -> bool {
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
    fn look(&mut self) {
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
}

/// All owners write until the service is gone; how many changes were acknowledged.
fn storm(service: &mut Running, owners: &mut [Owner], round: usize, dice: &mut Dice) -> usize {
    let pause = Duration::from_millis(20 + dice.roll(300) as u64);
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for (at, mine) in owners.chunks_mut(OWNERS_EACH).enumerate() {
            let mut dice = Dice::new((round * WRITERS + at) as u64 + 1);
            writers.push(scope.spawn(move || {
                let mut done = 0;
                loop {
                    let owner = &mut mine[dice.roll(OWNERS_EACH)];
                    // A change whose end is not known is not followed by another.
                    if owner.pending.is_some() || !owner.write(&mut dice) {
                        return done;
                    }
                    done += 1;
                }
            }));
        }
        std::thread::sleep(pause);
        service.kill();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    })
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let _alone = alone();
    let rounds = number("PAL_KILLS", 6);
    let mut dice = Dice::new(number("PAL_SEED", 1) as u64);
    let count = WRITERS * OWNERS_EACH;
    let mut service = Running::new(count, &[]);
    let mut owners: Vec<Owner> = (0..count)
        .map(|n| Owner {
            client: service.client(n),
            known: NEVER,
            pending: None,
            acknowledged: vec![],
        })
        .collect();
    let mut ready = Vec::new();
    let (mut written, mut under_way) = (0, 0);
    for round in 0..rounds {
        written += storm(&mut service, &mut owners, round, &mut dice);
        under_way += owners.iter().filter(|owner| owner.pending.is_some()).count();
        if round % 10 == 0 {
            service.assert_audit_is_whole();
        }
        ready.push(service.start());
        for (n, owner) in owners.iter_mut().enumerate() {
            owner.client = service.client(n);
            owner.look();
        }
    }
    service.stop();
    service.assert_audit_is_whole();
    for (owner, history) in owners.iter().zip(service.histories(count)) {
        assert_gapless(&history);
        for known in &owner.acknowledged {
            let kept = &history[usize::try_from(known.version).unwrap() - 1];
            let active = kept.state == pal_store::LinkState::Active;
            assert_eq!((kept.partner.number(), active), (known.partner, known.active), "{known:?}");
        }
        assert_eq!(history.len(), usize::try_from(owner.known.version).unwrap());
    }
    ready.sort();
    let (middle, longest) = (ready[ready.len() / 2], ready[ready.len() - 1]);
    println!(
        "{rounds} kills, {written} acknowledged writes, {under_way} under way; ready after \
         {middle:?} (middle), {longest:?} (longest)"
    );
    assert!(written > rounds, "the service hardly wrote");
    assert!(middle < Duration::from_secs(2), "ready only after {middle:?}");
}
