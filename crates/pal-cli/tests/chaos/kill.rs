//! SIGKILL at random points under writers: nothing that was acknowledged is lost, nothing is half
//! done, and the service is ready again at once (P5).

use std::time::Duration;

use super::owner::Owner;
use crate::support::running::{Dice, Running, alone, number};

const WRITERS: usize = 16;
const OWNERS_EACH: usize = 4;

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
    let mut owners: Vec<Owner> = (0..count).map(|n| Owner::new(service.client(n))).collect();
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
        owner.assert_kept(&history);
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
