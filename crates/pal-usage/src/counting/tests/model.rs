//! The stories of the ledger, counted by the rule alone.

#[path = "../../../tests/support/ledger.rs"]
mod ledger;

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::*;
use super::world::{self, World, file, row};
use ledger::{Given, Register, Said, Scope, Story};

/// A world, and the numbers of its imports.
struct Rule {
    world: World,
    imports: Vec<i64>,
}

fn scope(scope: Scope) -> String {
    let account = |account| format!("/providers/microsoft.billing/billingaccounts/{account}");
    match scope {
        Scope::Account(id) => account(id),
        Scope::Profile(id, profile) => format!("{}/billingprofiles/{profile}", account(id)),
        Scope::Subscription(id) => format!("/subscriptions/{id}"),
        Scope::Group(id, group) => format!("/subscriptions/{id}/resourcegroups/{group}"),
    }
}

fn rows(given: &Given) -> Vec<world::Row> {
    let stated = |stated: &ledger::Row| world::Row {
        account: stated.account.to_owned(),
        group: stated.group.to_owned(),
        period: format!("{}-{:02}", stated.billed.0, stated.billed.1),
        ..row(&stated.day.to_string(), stated.subscription, stated.amount)
    };
    given.rows.iter().map(stated).collect()
}

fn statement(given: &Given) -> (Origin, Vec<world::Row>) {
    let rows = rows(given);
    let Some(run) = &given.run else { return (file("hand.csv"), rows) };
    let (first, last) = (run.period.0.to_string(), run.period.1.to_string());
    let mut origin = world::run(&scope(run.scope), &run.submitted, &first, &last, &rows);
    if let (Origin::Run(terms), true) = (&mut origin, run.amortized) {
        terms.dataset = Dataset::Amortized;
        terms.id.push_str(" amortized");
    }
    (origin, rows)
}

impl Register for Rule {
    fn import(&mut self, given: &[Given], said: Said) -> bool {
        let import = self.world.given.iter().map(|(s, _)| s.import).max().unwrap_or(0) + 1;
        let on_difference = if said.restate { OnDifference::Restate } else { OnDifference::Refuse };
        let Said { accept_empty, parts, .. } = said;
        let answers = Answers { on_difference, accept_empty, parts, ..Answers::default() };
        let imported = self.world.import(given.iter().map(statement).collect(), answers);
        self.imports.extend(imported.is_ok().then_some(import));
        imported.is_ok()
    }

    fn withdraw(&mut self, import: usize) -> bool {
        let mut after = self.world.clone();
        after.withdraw(self.imports[import]);
        let is_clear = after.judge(&BTreeSet::new()).1.is_empty();
        if is_clear {
            self.world = after;
        }
        is_clear
    }

    fn total(&mut self) -> i64 {
        let (counted, conflicts) = self.world.judge(&BTreeSet::new());
        assert!(conflicts.is_empty(), "imported without a question, now one: {conflicts:?}");
        counted.iter().map(|row| row.cents).sum()
    }

    fn describe(&self) -> String {
        let mut text = String::new();
        for (Statement { import, origin, answers }, rows) in &self.world.given {
            let _ = writeln!(text, "{import} {:?}: {origin:?}", answers.on_difference);
            let _ = writeln!(text, "    {} rows", rows.len());
        }
        for row in self.world.judge(&BTreeSet::new()).0.iter().filter(|row| row.cents != 100) {
            let _ = writeln!(text, "counts: {row:?}");
        }
        text
    }
}

/// The same statements in another order count the same.
fn assert_any_order(story: &mut Story<Rule>) {
    let total = story.register.world.total();
    let mut shuffled = story.register.world.clone();
    for at in (1..shuffled.given.len()).rev() {
        shuffled.given.swap(at, story.dice.roll(at as u64 + 1) as usize);
    }
    assert_eq!(shuffled.total(), total);
}

#[test]
fn stories_from_a_ledger_count_its_newest_values() {
    let setting =
        |name: &str, default| std::env::var(name).ok().map_or(default, |n| n.parse().unwrap());
    let (first, stories): (u64, u64) = (setting("PAL_FIRST_STORY", 0), setting("PAL_STORIES", 300));
    let (mut refused, mut imported) = (0, 0);
    for seed in first..first + stories {
        let settings = Settings { dataset: Some(Dataset::Focus), ..Settings::default() };
        let world = World { settings, ..World::default() };
        let mut story = Story::new(seed, Rule { world, imports: Vec::new() });
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            story.play();
            assert_any_order(&mut story);
        }));
        assert!(played.is_ok(), "story {seed} (PAL_FIRST_STORY={seed} PAL_STORIES=1)");
        refused += story.refused;
        imported += story.counted();
    }
    println!("{stories} stories: {imported} imports count, {refused} were refused");
    assert!(refused < imported);
}
