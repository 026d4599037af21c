//! The nearest change as commands, where there are commands for it.

use crate::causes::world::{ALICE, LINK, ROLE, World, named};

#[track_caller]
fn gives(world: &World, commands: &[&str]) {
    let found = world.explained();
    let [denied] = &found.not_credited[..] else { panic!("it is credited") };
    let commands: Vec<String> = commands.iter().map(|text| named(text)).collect();
    assert_eq!(denied.commands, commands, "{}", denied.next());
}

const ASSIGN: &str = "az role assignment create --assignee-object-id $alice --assignee-principal-type User \
     --role 'Support Request Contributor' --scope /subscriptions/$sub/resourceGroups/rg";
const LINKS: &str = "pal managementpartner create --partner-id 111111";

#[test]
fn what_can_be_typed() {
    let good = World::good();
    gives(&good.clone().line(ROLE, ""), &[ASSIGN]);
    gives(
        &good.clone().edit(ROLE, "Contributor", "Reader").under("incentive"),
        &[&ASSIGN.replace("Support Request Contributor", "Contributor")],
    );
    gives(&good.clone().line(LINK, ""), &["pal login --tenant $customer", LINKS]);
    let ended = good.clone().more(LINK, "\"to\":\"2026-10-01T00:00:00Z\"");
    gives(&ended, &["pal login --tenant $customer", LINKS]);
    let begins = good.clone().more(LINK, "\"from\":\"2026-10-16T00:00:00Z\"");
    gives(&begins, &[]);
    gives(
        &good.clone().more(ALICE, "\"enabled\":false"),
        &["az ad user update --id $alice --account-enabled true"],
    );
    // Two causes, and only one of them can be typed away.
    gives(
        &good.more(ALICE, "\"enabled\":false").more(LINK, "\"from\":\"2026-10-16T00:00:00Z\""),
        &[],
    );
}
