//! Stories told from an invented true ledger: exports are cut from it by scope and time, delivered in
//! any order, copied, restated, withdrawn. What counts must be the ledger's newest stated value of
//! every charge, or a refusal; and stories that the rules make clear must not be refused.
//!
//! Time passes in rounds of a hundred hours. Within a round the ledger does not change, so exports of
//! one round agree, and those of different rounds lie more than 72 hours apart.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::*;
use super::world::{Row, World, day, file, row, run};

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<'p, T>(&mut self, from: &'p [T]) -> &'p T {
        &from[self.roll(from.len() as u64) as usize]
    }
}

/// A charge of the ledger, with its amounts by round; 0 = it is not there.
#[derive(Debug, Clone)]
struct Charge {
    account: &'static str,
    profile: &'static str,
    subject: &'static str,
    group: &'static str,
    day: Day,
    /// The month in which it is billed: a correction is billed later than it was used.
    billed: (i16, i8),
    amounts: Vec<i64>,
}

const ROUNDS: usize = 6;
const SCOPES: [&str; 7] = [
    "/providers/microsoft.billing/billingaccounts/a",
    "/providers/microsoft.billing/billingaccounts/b",
    "/providers/microsoft.billing/billingaccounts/a/billingprofiles/p",
    "/providers/microsoft.billing/billingaccounts/a/billingprofiles/q",
    "/subscriptions/s0",
    "/subscriptions/s1",
    "/subscriptions/s0/resourcegroups/g",
];
/// Account, profile, subscription, resource group. Subscription `s2` moves from `a` to `b`.
const PLACES: [(&str, &str, &str, &str); 8] = [
    ("a", "p", "s0", "g"),
    ("a", "p", "s0", "h"),
    ("a", "p", "s1", "g"),
    ("a", "q", "", "tax of q"),
    ("a", "p", "", "tax of p"),
    ("a", "q", "s2", "g"),
    ("b", "r", "s2", "g"),
    ("b", "r", "", "tax of r"),
];
const PERIODS: [(&str, &str); 7] = [
    ("2026-09-01", "2026-10-01"),
    ("2026-09-01", "2026-09-30"),
    ("2026-10-01", "2026-10-31"),
    ("2026-10-01", "2026-11-01"),
    ("2026-09-28", "2026-10-02"),
    ("2026-10-01", "2026-10-07"),
    ("2026-10-01", "2026-10-03"),
];

impl Charge {
    fn invent(dice: &mut Dice) -> Self {
        let (account, profile, subject, group) = *dice.pick(&PLACES);
        let first = day("2026-09-26");
        let mut at = first + dice.roll(12) as Day;
        let moved = day("2026-10-02");
        if subject == "s2" {
            // On the day of the move it is in both accounts.
            at = if account == "a" { at.min(moved) } else { at.max(moved) };
        }
        let used = month_of(at);
        let is_late = used == (2026, 9) && dice.roll(6) == 0;
        let billed = if is_late { (2026, 10) } else { used };
        let mut amounts = vec![0; ROUNDS];
        let (from, amount) = (dice.roll(4) as usize, 1 + dice.roll(3).cast_signed());
        amounts[from..].fill(amount);
        if dice.roll(4) == 0 {
            let corrected = dice.roll(ROUNDS as u64) as usize;
            amounts[corrected.max(from)..].fill(amount * 10 + dice.roll(3).cast_signed());
        }
        if dice.roll(12) == 0 && !is_late {
            let gone = dice.roll(ROUNDS as u64) as usize;
            amounts[gone.max(from)..].fill(0);
        }
        Self { account, profile, subject, group, day: at, billed, amounts }
    }

    fn is_of(&self, scope: &str) -> bool {
        match scope.rsplit('/').next().unwrap_or_default() {
            account @ ("a" | "b") => self.account == account,
            profile @ ("p" | "q") => self.profile == profile,
            group @ "g" => self.group == group && self.subject == "s0",
            subject => self.subject == subject,
        }
    }

    fn row(&self, round: usize) -> Option<Row> {
        let cents = self.amounts[round];
        let at = date_of(self.day).to_string();
        let (year, month) = self.billed;
        (cents != 0).then(|| Row {
            account: self.account.to_owned(),
            group: self.group.to_owned(),
            period: format!("{year}-{month:02}"),
            ..row(&at, self.subject, cents)
        })
    }
}

/// What was delivered: which charges it states, and as of which round.
#[derive(Debug, Clone)]
struct Delivered {
    import: i64,
    round: usize,
    states: BTreeSet<usize>,
    restates: bool,
}

struct Story {
    dice: Dice,
    charges: Vec<Charge>,
    world: World,
    delivered: Vec<Delivered>,
    runs: u64,
    refused: u64,
    /// Exports of one scope only, whose periods are months: nothing may be refused.
    is_clear: bool,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut charges: Vec<Charge> =
            (0..4 + dice.roll(24)).map(|_| Charge::invent(&mut dice)).collect();
        // A subscription whose last charge of a day goes is told from one that an export is not of
        // only where the rows name their account: here something always stays.
        let gone: Vec<Charge> =
            charges.iter().filter(|c| c.amounts[ROUNDS - 1] == 0).cloned().collect();
        charges
            .extend(gone.into_iter().map(|charge| Charge { amounts: vec![7; ROUNDS], ..charge }));
        // A month has more usage than corrections: else its rows name the days of a run.
        for (account, profile, subject, group) in PLACES {
            for at in [-4, -3, -1, 1, 2, 3, 5, 6].map(|days| day("2026-10-01") + days) {
                let moved = subject == "s2" && (account == "a") != (at < day("2026-10-02"));
                let (billed, amounts) = (month_of(at), vec![100; ROUNDS]);
                if !moved {
                    charges.push(Charge {
                        account,
                        profile,
                        subject,
                        group,
                        day: at,
                        billed,
                        amounts,
                    });
                }
            }
        }
        let is_clear = dice.roll(3) == 0;
        Self {
            dice,
            charges,
            world: World::default(),
            delivered: Vec::new(),
            runs: 0,
            refused: 0,
            is_clear,
        }
    }

    /// The charges of a run: of a month what is billed in it, of other periods what is used on the days.
    fn states(&self, scope: &str, (first, last): (&str, &str)) -> BTreeSet<usize> {
        let is_month = first.ends_with("-01") && !last.ends_with("-07") && !last.ends_with("-03");
        let month = month_of(day(first));
        let days = day(first)..=day(last) - Day::from(last.ends_with("-01"));
        let is_in = |charge: &Charge| match is_month {
            true => charge.billed == month,
            false => days.contains(&charge.day) && charge.billed == month_of(charge.day),
        };
        let charges = self.charges.iter().enumerate();
        charges.filter(|(_, c)| c.is_of(scope) && is_in(c)).map(|(at, _)| at).collect()
    }

    fn rows(&self, states: &BTreeSet<usize>, round: usize) -> Vec<Row> {
        states.iter().filter_map(|at| self.charges[*at].row(round)).collect()
    }

    fn deliver_run(&mut self) {
        let scope = match self.is_clear {
            true => SCOPES[self.dice.roll(2) as usize],
            false => *self.dice.pick(&SCOPES),
        };
        let round = self.dice.roll(ROUNDS as u64) as usize;
        let period = match self.is_clear {
            true => PERIODS[self.dice.roll(4) as usize],
            false => *self.dice.pick(&PERIODS),
        };
        let states = self.states(scope, period);
        // A restatement holds until a newer run; one that is newer than the runs known then, and older
        // than the restatement, is taken for the truth all the same.
        let restated =
            |d: &Delivered| d.restates && d.round > round && !d.states.is_disjoint(&states);
        if self.delivered.iter().any(restated) {
            return;
        }
        let rows = self.rows(&states, round);
        self.runs += 1;
        let hour = 100 * round as u64 + self.dice.roll(20);
        let at = day("2026-10-10") + Day::try_from(hour / 24).unwrap();
        let submitted = format!("{}T{:02}:{:02}:00Z", date_of(at), hour % 24, self.runs % 60);
        let origin = run(scope, &submitted, period.0, period.1, &rows);
        let accept_empty = self.dice.roll(2) == 0 || self.is_clear;
        let answers = Answers { accept_empty, ..Answers::default() };
        self.give(vec![(origin, rows, states)], round, answers);
    }

    fn deliver_files(&mut self) {
        let scope = *self.dice.pick(&SCOPES);
        let round = self.dice.roll(ROUNDS as u64) as usize;
        let period = *self.dice.pick(&PERIODS);
        let states = self.states(scope, period);
        let mut halves = [BTreeSet::new(), BTreeSet::new()];
        let together = self.dice.roll(2) == 0;
        for at in states {
            let half = if together { 0 } else { self.dice.roll(2) as usize };
            halves[half].insert(at);
        }
        let mut given = Vec::new();
        for states in halves {
            let rows = self.rows(&states, round);
            if !rows.is_empty() {
                given.push((file("hand.csv"), rows, states));
            }
        }
        if self.dice.roll(4) == 0 && given.len() == 1 {
            given.push(given[0].clone());
        }
        if !given.is_empty() {
            self.give(given, round, Answers { parts: !together, ..Answers::default() });
        }
    }

    /// Imports; what is refused is given again with the answer of somebody who knows the ledger.
    fn give(
        &mut self,
        given: Vec<(Origin, Vec<Row>, BTreeSet<usize>)>,
        round: usize,
        answers: Answers,
    ) {
        let import = self.world.given.iter().map(|(s, _)| s.import).max().unwrap_or(0) + 1;
        let states: BTreeSet<usize> =
            given.iter().flat_map(|(_, _, states)| states.iter().copied()).collect();
        let given: Vec<_> = given.into_iter().map(|(origin, rows, _)| (origin, rows)).collect();
        let mut imported = self.world.import(given.clone(), answers.clone());
        let mut restates = false;
        if let Err(conflicts) = &imported {
            self.refused += 1;
            assert!(!self.is_clear, "a clear story is refused: {conflicts:?}");
            let overlapping = |d: &&Delivered| d.states.intersection(&states).next().is_some();
            let is_newest = self.delivered.iter().filter(overlapping).all(|d| d.round <= round);
            if is_newest && conflicts.iter().all(|c| matches!(c, Conflict::Loose { .. })) {
                let on_difference = OnDifference::Restate;
                // It must say all that others say of these days: else it is no restatement.
                imported = match self.says_all(&states) {
                    true => {
                        restates = true;
                        self.world.import(given, Answers { on_difference, ..answers })
                    }
                    false => return,
                };
            }
        }
        if imported.is_ok() {
            self.delivered.push(Delivered { import, round, states, restates });
        }
    }

    /// Whether some charges are all of their subscriptions and days.
    fn says_all(&self, states: &BTreeSet<usize>) -> bool {
        let cell = |at: usize| (self.charges[at].subject, self.charges[at].day);
        let cells: BTreeSet<_> = states.iter().map(|at| cell(*at)).collect();
        (0..self.charges.len()).all(|at| states.contains(&at) || !cells.contains(&cell(at)))
    }

    fn withdraw(&mut self) {
        let imports: Vec<i64> = self.delivered.iter().map(|d| d.import).collect();
        if imports.is_empty() {
            return;
        }
        let import = *self.dice.pick(&imports);
        let mut after = self.world.clone();
        after.withdraw(import);
        // What would be a conflict is not withdrawn.
        if after.judge(&BTreeSet::new()).1.is_empty() {
            self.world = after;
            self.delivered.retain(|delivered| delivered.import != import);
        }
    }

    /// What the newest statement of each charge says of it.
    fn truth(&self) -> i64 {
        let newest = |at: usize| {
            let states = self.delivered.iter().filter(|d| d.states.contains(&at));
            states.map(|d| d.round).max().map_or(0, |round| self.charges[at].amounts[round])
        };
        (0..self.charges.len()).map(newest).sum()
    }

    fn play(&mut self) {
        for _ in 0..3 + self.dice.roll(9) {
            match self.dice.roll(10) {
                0 | 1 if !self.is_clear => self.deliver_files(),
                2 => self.withdraw(),
                _ => self.deliver_run(),
            }
            let (counted, conflicts) = self.world.judge(&BTreeSet::new());
            assert!(
                conflicts.is_empty(),
                "what was imported without a question is one: {conflicts:?}"
            );
            let total: i64 = counted.iter().map(|row| row.cents).sum();
            assert_eq!(total, self.truth(), "{}", self.told());
        }
        self.any_order();
    }

    /// The same statements in another order count the same.
    fn any_order(&mut self) {
        let total = self.world.total();
        let mut shuffled = self.world.clone();
        for at in (1..shuffled.given.len()).rev() {
            shuffled.given.swap(at, self.dice.roll(at as u64 + 1) as usize);
        }
        assert_eq!(shuffled.total(), total);
    }

    /// What counts and should not, what should and does not, and what was given.
    fn told(&self) -> String {
        let mut counted = self.world.judge(&BTreeSet::new()).0;
        let mut missing = Vec::new();
        for (at, charge) in self.charges.iter().enumerate() {
            let states = self.delivered.iter().filter(|d| d.states.contains(&at));
            let row = states.map(|d| d.round).max().and_then(|round| charge.row(round));
            let Some(row) = row else { continue };
            match counted.iter().position(|counts| *counts == row) {
                Some(at) => drop(counted.swap_remove(at)),
                None => missing.push((at, row)),
            }
        }
        let mut told = format!("too many: {counted:?}\nmissing: {missing:?}\n");
        for delivered in &self.delivered {
            let _ = writeln!(
                told,
                "{} of round {}: {:?}",
                delivered.import, delivered.round, delivered.states
            );
        }
        for (statement, rows) in &self.world.given {
            let _ = writeln!(
                told,
                "{} {:?}\n    {:?}, {} rows",
                statement.import,
                statement.origin,
                statement.answers.on_difference,
                rows.len()
            );
        }
        told
    }
}

#[test]
fn stories_from_a_ledger_count_its_newest_values() {
    let setting =
        |name: &str, default| std::env::var(name).ok().map_or(default, |n| n.parse().unwrap());
    let (first, stories): (u64, u64) = (setting("PAL_FIRST_STORY", 0), setting("PAL_STORIES", 300));
    let (mut refused, mut imported) = (0, 0);
    for seed in first..first + stories {
        let mut story = Story::new(seed);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| story.play()));
        assert!(played.is_ok(), "story {seed} (PAL_FIRST_STORY={seed} PAL_STORIES=1)");
        refused += story.refused;
        imported += story.delivered.len();
    }
    println!("{stories} stories: {imported} imports, {refused} refused");
    assert!(refused < imported as u64);
}
