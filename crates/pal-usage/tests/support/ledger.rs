//! Stories told from an invented true ledger: exports are cut from it by scope, dataset and time,
//! delivered in any order, copied, restated, withdrawn. What counts must be the ledger's newest stated
//! value of every charge, or a refusal; and stories that the rules make clear must not be refused.
//!
//! Where the statements go is a [`Register`]: the rule alone, the program, a service.
//!
//! Time passes in rounds of a hundred hours. Within a round the ledger does not change, so exports of
//! one round agree, and those of different rounds lie more than 72 hours apart.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Numbers that look random, the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
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

/// A charge as an export or a file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub day: Date,
    pub account: &'static str,
    pub profile: &'static str,
    /// The subscription; empty = none.
    pub subscription: &'static str,
    pub group: &'static str,
    /// The month in which it is billed.
    pub billed: (i16, i8),
    pub amount: i64,
}

/// What an export is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Account(&'static str),
    Profile(&'static str, &'static str),
    Subscription(&'static str),
    Group(&'static str, &'static str),
}

/// A run of an export.
#[derive(Debug, Clone)]
pub struct Run {
    pub scope: Scope,
    /// Amortized cost in the columns of Cost Management instead of FOCUS.
    pub amortized: bool,
    /// As a manifest writes it.
    pub submitted: String,
    /// First and last day as declared.
    pub period: (Date, Date),
}

/// A statement; without a run it is a loose file.
#[derive(Debug, Clone)]
pub struct Given {
    pub run: Option<Run>,
    pub rows: Vec<Row>,
}

/// What the person says who imports.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said {
    pub accept_empty: bool,
    pub parts: bool,
    pub restate: bool,
}

/// Where statements are counted. FOCUS is the dataset that it has to choose.
pub trait Register {
    /// Imports statements together: `false` = refused, and nothing has changed.
    fn import(&mut self, given: &[Given], said: Said) -> bool;

    /// Withdraws the import of this number, counted from 0 over all that were not refused: `false` =
    /// refused, and nothing has changed.
    fn withdraw(&mut self, import: usize) -> bool;

    /// The sum of all amounts that count.
    fn total(&mut self) -> i64;

    /// What a person needs who looks for the reason of a wrong total.
    fn describe(&self) -> String;
}

/// A charge of the ledger, with its amounts by round; 0 = it is not there.
#[derive(Debug, Clone)]
struct Charge {
    row: Row,
    amounts: Vec<i64>,
}

const ROUNDS: usize = 6;
const SCOPES: [Scope; 7] = [
    Scope::Account("a"),
    Scope::Account("b"),
    Scope::Profile("a", "p"),
    Scope::Profile("a", "q"),
    Scope::Subscription("s0"),
    Scope::Subscription("s1"),
    Scope::Group("s0", "g"),
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
const OCTOBER: Date = date(2026, 10, 1);
const MOVED: Date = date(2026, 10, 2);
const PERIODS: [(Date, Date); 7] = [
    (date(2026, 9, 1), date(2026, 10, 1)),
    (date(2026, 9, 1), date(2026, 9, 30)),
    (OCTOBER, date(2026, 10, 31)),
    (OCTOBER, date(2026, 11, 1)),
    (date(2026, 9, 28), date(2026, 10, 2)),
    (OCTOBER, date(2026, 10, 7)),
    (OCTOBER, date(2026, 10, 3)),
];

fn month(day: Date) -> (i16, i8) {
    (day.year(), day.month())
}

/// A day so many days after the first of October.
fn october(days: i64) -> Date {
    OCTOBER.checked_add(days.days()).unwrap()
}

fn row(place: (&'static str, &'static str, &'static str, &'static str), day: Date) -> Row {
    let (account, profile, subscription, group) = place;
    Row { day, account, profile, subscription, group, billed: month(day), amount: 0 }
}

impl Charge {
    fn invent(dice: &mut Dice) -> Self {
        let place = *dice.pick(&PLACES);
        let mut day = october(dice.roll(12).cast_signed() - 5);
        if place.2 == "s2" {
            // On the day of the move it is in both accounts.
            day = if place.0 == "a" { day.min(MOVED) } else { day.max(MOVED) };
        }
        let mut row = row(place, day);
        let is_late = row.billed == (2026, 9) && dice.roll(6) == 0;
        if is_late {
            row.billed = (2026, 10);
        }
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
        Self { row, amounts }
    }

    fn is_of(&self, scope: Scope) -> bool {
        let row = &self.row;
        match scope {
            Scope::Account(account) => row.account == account,
            Scope::Profile(account, profile) => (row.account, row.profile) == (account, profile),
            Scope::Subscription(subscription) => row.subscription == subscription,
            Scope::Group(subscription, group) => {
                (row.subscription, row.group) == (subscription, group)
            }
        }
    }

    fn stated(&self, round: usize) -> Option<Row> {
        let amount = self.amounts[round];
        (amount != 0).then(|| Row { amount, ..self.row.clone() })
    }
}

/// The charges of a story, usage that is always there among them.
fn invent(dice: &mut Dice) -> Vec<Charge> {
    let mut charges: Vec<Charge> = (0..4 + dice.roll(24)).map(|_| Charge::invent(dice)).collect();
    // A subscription whose last charge of a day goes is told from one that an export is not of only
    // where the rows name their account: here something always stays.
    let gone: Vec<Charge> =
        charges.iter().filter(|c| c.amounts[ROUNDS - 1] == 0).cloned().collect();
    charges.extend(gone.into_iter().map(|charge| Charge { amounts: vec![7; ROUNDS], ..charge }));
    // A month has more usage than corrections: else its rows name the days of a run.
    for place in PLACES {
        for day in [-4, -3, -1, 1, 2, 3, 5, 6].map(october) {
            let elsewhere = place.2 == "s2" && (place.0 == "a") != (day < MOVED);
            if !elsewhere {
                charges.push(Charge { row: row(place, day), amounts: vec![100; ROUNDS] });
            }
        }
    }
    charges
}

/// What was delivered: which charges it states, and as of which round.
#[derive(Debug, Clone)]
struct Delivered {
    import: usize,
    round: usize,
    states: BTreeSet<usize>,
    restates: bool,
}

/// A story and where it stands.
pub struct Story<R> {
    pub dice: Dice,
    pub register: R,
    charges: Vec<Charge>,
    delivered: Vec<Delivered>,
    imports: usize,
    runs: u64,
    /// How many imports were refused at first.
    pub refused: usize,
    /// Exports of one scope only, whose periods are months: nothing may be refused.
    is_clear: bool,
}

impl<R: Register> Story<R> {
    pub fn new(seed: u64, register: R) -> Self {
        let mut dice = Dice(seed);
        let charges = invent(&mut dice);
        let is_clear = dice.roll(3) == 0;
        let delivered = Vec::new();
        Self { dice, register, charges, delivered, imports: 0, runs: 0, refused: 0, is_clear }
    }

    /// Plays it to its end; after each step the total must be the ledger's.
    ///
    /// # Panics
    /// It is not, or what is clear was refused.
    pub fn play(&mut self) {
        for _ in 0..3 + self.dice.roll(9) {
            match self.dice.roll(10) {
                0 | 1 if !self.is_clear => self.deliver_files(),
                2 => self.withdraw(),
                _ => self.deliver_run(),
            }
            let total = self.register.total();
            assert_eq!(total, self.truth(), "{}", self.described());
        }
    }

    /// How many imports count at the end.
    pub fn counted(&self) -> usize {
        self.delivered.len()
    }

    /// The charges of a run: of a month what is billed in it, of other periods what is used on the days.
    fn states(&self, scope: Scope, (first, last): (Date, Date)) -> BTreeSet<usize> {
        let is_month = first.day() == 1 && ![3, 7].contains(&last.day());
        let end = if last.day() == 1 { last.yesterday().unwrap() } else { last };
        let is_in = |row: &Row| match is_month {
            true => row.billed == month(first),
            false => (first..=end).contains(&row.day) && row.billed == month(row.day),
        };
        let charges = self.charges.iter().enumerate();
        charges.filter(|(_, c)| c.is_of(scope) && is_in(&c.row)).map(|(at, _)| at).collect()
    }

    fn rows(&self, states: &BTreeSet<usize>, round: usize) -> Vec<Row> {
        states.iter().filter_map(|at| self.charges[*at].stated(round)).collect()
    }

    fn run(&mut self, scope: Scope, period: (Date, Date), round: usize) -> Run {
        self.runs += 1;
        let hour = 100 * round as u64 + self.dice.roll(20);
        let day = date(2026, 10, 10).checked_add((hour / 24).cast_signed().days()).unwrap();
        let submitted = format!("{day}T{:02}:{:02}:00Z", hour % 24, self.runs % 60);
        Run { scope, amortized: false, submitted, period }
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
        let run = self.run(scope, period, round);
        let mut given = vec![Given { run: Some(run), rows: self.rows(&states, round) }];
        if self.dice.roll(4) == 0 {
            // The same scope as another dataset, as of whenever: FOCUS is chosen.
            let other = self.dice.roll(ROUNDS as u64) as usize;
            let run = Run { amortized: true, ..self.run(scope, period, other) };
            given.push(Given { run: Some(run), rows: self.rows(&states, other) });
        }
        let accept_empty = self.dice.roll(2) == 0 || self.is_clear;
        self.give(&given, states, round, Said { accept_empty, ..Said::default() });
    }

    fn deliver_files(&mut self) {
        let scope = *self.dice.pick(&SCOPES);
        let round = self.dice.roll(ROUNDS as u64) as usize;
        let period = *self.dice.pick(&PERIODS);
        let states = self.states(scope, period);
        let mut halves = [BTreeSet::new(), BTreeSet::new()];
        let together = self.dice.roll(2) == 0;
        for at in &states {
            let half = if together { 0 } else { self.dice.roll(2) as usize };
            halves[half].insert(*at);
        }
        let halves = halves.map(|states| Given { run: None, rows: self.rows(&states, round) });
        let mut given: Vec<Given> = halves.into_iter().filter(|g| !g.rows.is_empty()).collect();
        if self.dice.roll(4) == 0 && given.len() == 1 {
            given.push(given[0].clone());
        }
        if !given.is_empty() {
            self.give(&given, states, round, Said { parts: !together, ..Said::default() });
        }
    }

    /// Imports; what is refused is given again with the answer of somebody who knows the ledger.
    fn give(&mut self, given: &[Given], states: BTreeSet<usize>, round: usize, said: Said) {
        let mut restates = false;
        if !self.register.import(given, said) {
            self.refused += 1;
            assert!(!self.is_clear, "a clear story is refused\n{}", self.described());
            let overlapping = |d: &&Delivered| !d.states.is_disjoint(&states);
            let is_newest = self.delivered.iter().filter(overlapping).all(|d| d.round <= round);
            let is_loose = given.iter().all(|given| given.run.is_none());
            // It must say all that others say of these days: else it is no restatement.
            restates = is_newest && is_loose && self.says_all(&states);
            if !restates || !self.register.import(given, Said { restate: true, ..said }) {
                return;
            }
        }
        self.delivered.push(Delivered { import: self.imports, round, states, restates });
        self.imports += 1;
    }

    /// Whether some charges are all of their subscriptions and days.
    fn says_all(&self, states: &BTreeSet<usize>) -> bool {
        let cell = |at: usize| (self.charges[at].row.subscription, self.charges[at].row.day);
        let cells: BTreeSet<_> = states.iter().map(|at| cell(*at)).collect();
        (0..self.charges.len()).all(|at| states.contains(&at) || !cells.contains(&cell(at)))
    }

    fn withdraw(&mut self) {
        let imports: Vec<usize> = self.delivered.iter().map(|d| d.import).collect();
        if imports.is_empty() {
            return;
        }
        let import = *self.dice.pick(&imports);
        // What would leave a conflict is not withdrawn.
        if self.register.withdraw(import) {
            self.delivered.retain(|delivered| delivered.import != import);
        }
    }

    /// The row of a charge as its newest statement has it.
    fn newest(&self, at: usize) -> Option<Row> {
        let states = self.delivered.iter().filter(|d| d.states.contains(&at));
        let round = states.map(|d| d.round).max()?;
        self.charges[at].stated(round)
    }

    fn truth(&self) -> i64 {
        (0..self.charges.len()).filter_map(|at| self.newest(at)).map(|row| row.amount).sum()
    }

    fn described(&self) -> String {
        let mut text = String::new();
        for at in 0..self.charges.len() {
            let row = self.newest(at).filter(|row| row.amount != 100);
            let _ = row.map(|row| writeln!(text, "{at}: {row:?}"));
        }
        for Delivered { import, round, states, restates } in &self.delivered {
            let _ = writeln!(text, "{import} of round {round}, {restates}: {states:?}");
        }
        text + &self.register.describe()
    }
}
