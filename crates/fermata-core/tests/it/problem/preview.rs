//! The plan of a session that does not exist: which one, how sure its end is, what it means for owners, and the words for
//! what is in the way.

use fermata_core::ledger::Ledger;
use fermata_core::problem::{Asked, Forecast, Others, Pace, PlanOptions, Preview};
use fermata_core::solver::{Change, Conflict, Constraint, Problem, WaveBound, plan, soonest};

use super::*;

fn preview(site: &Site, policies: &Policies, spec: &Spec, hosts: &[&str]) -> Preview {
    beside(&Others::default(), site, policies, spec, hosts)
}

/// A preview while other sessions are about to do this.
fn beside(
    others: &Others,
    site: &Site,
    policies: &Policies,
    spec: &Spec,
    hosts: &[&str],
) -> Preview {
    let (hosts, ledger) = (&hosts.iter().map(|h| HostName::from(*h)).collect(), &Ledger::default());
    let pace = Pace::default();
    Asked { spec, hosts, site, policies, ledger, others, pace, now: NOW }
        .preview(PlanOptions::default())
}

fn forecast(preview: &Preview) -> &Forecast {
    preview.answer.as_ref().unwrap()
}

fn conflict(preview: &Preview) -> &Conflict {
    preview.answer.as_ref().unwrap_err()
}

/// An hour of work on a host; 10 minutes for the announcement, 5 for each drain.
fn an_hour(change: impl FnOnce(&mut Draft)) -> Spec {
    spec(|draft| {
        draft.work_timeout = Some(Duration::hours(1));
        change(draft);
    })
}

/// A group of everything on the site.
fn group(max: u32) -> GroupPolicy {
    let mut policy = GroupPolicy::new("mme-id".into(), "red".into());
    policy.name = "mme-db".to_owned();
    policy.members = ["s".into(), "t".into(), "u".into()].into();
    policy.max_impacted = vec![MaxImpacted { group_size: 0, max }];
    policy
}

#[test]
fn the_end_has_a_range() {
    let preview = preview(&site(), &Policies::default(), &an_hour(|_| ()), &["hv-a"]);
    let ends = forecast(&preview).ends;
    assert_eq!(preview.named.begins, NOW + Duration::minutes(10));
    // 20 s for a move, half of it at best; the whole hour of the drain's time-out at worst.
    assert_eq!(ends.earliest, NOW + Duration::seconds(10 + 3_600));
    assert_eq!(ends.expected, NOW + Duration::seconds(600 + 300 + 20 + 3_600));
    assert_eq!(ends.latest, NOW + Duration::seconds(600 + 3_600 + 3_600));
}

#[test]
fn a_server_that_stays_may_take_all_its_tries_to_start() {
    let kept = an_hour(|draft| {
        draft.default_action = Some(Action::Keep);
        draft.action_timeout = Some(Duration::minutes(2));
    });
    let preview = preview(&site(), &Policies::default(), &kept, &["hv-b"]);
    let drain_work_and_start = 3_600 + 3_600 + 3 * 120;
    let latest = NOW + Duration::seconds(600 + drain_work_and_start);
    assert_eq!(forecast(&preview).ends.latest, latest);
}

#[test]
fn nobody_is_waited_for_where_nobody_has_a_server() {
    let preview = preview(&site(), &Policies::default(), &an_hour(|_| ()), &["hv-c"]);
    let ends = forecast(&preview).ends;
    let hour = NOW + Duration::hours(1);
    assert_eq!((ends.earliest, ends.expected, ends.latest), (hour, hour, hour));
    assert_eq!(preview.named.impacts(&forecast(&preview).plan), []);
}

#[test]
fn lead_times_hold_at_best_as_well() {
    let policy = ServerPolicy { lead_time: Some(Duration::minutes(30)), ..ServerPolicy::default() };
    let preview = preview(&site(), &of_server("u", policy), &an_hour(|_| ()), &["hv-b"]);
    let ends = forecast(&preview).ends;
    assert_eq!(ends.earliest, NOW + Duration::seconds(1_800 + 10 + 3_600));
    assert_eq!(ends.expected, NOW + Duration::seconds(1_800 + 20 + 3_600));
}

#[test]
fn the_plan_that_ends_soonest_is_taken() {
    let both = an_hour(|draft| draft.max_parallel_hosts = 2);
    let mut site = site();
    site.servers.remove(1);
    // With one stage the only two members make two waves.
    let policies = Policies::new([], [group(1)]);
    let found = preview(&site, &policies, &both, &["hv-a", "hv-b"]);
    let Forecast { plan: made, stages, .. } = forecast(&found);
    assert_eq!((*stages, made.waves.len()), (2, 1));
    // Where a second member would wait for hours, two waves are sooner: here the recovery time is between them anyway.
    let mut slow = group(1);
    slow.recovery_time = Some(Duration::minutes(50));
    let policies = Policies::new([], [slow]);
    let found = preview(&site, &policies, &both, &["hv-a", "hv-b"]);
    let problem = &found.named.problem;
    let of = |stages| plan(&Problem { stages, ..problem.clone() }).unwrap().ends;
    let best = soonest(problem, &[1, 2, 4]).unwrap();
    assert_eq!(best.1.ends, [1, 2, 4].map(of).into_iter().min().unwrap());
    assert_eq!((best.0, &best.1), (forecast(&found).stages, &forecast(&found).plan));
}

/// Where the plan sends servers.
fn targets(preview: &Preview) -> BTreeSet<&str> {
    let waves = forecast(preview).plan.waves.iter();
    let moves = waves.flat_map(|wave| &wave.hosts).flat_map(|host| &host.moves);
    moves.map(|m| preview.named.problem.hosts[m.to].name.as_str()).collect()
}

#[test]
fn nobody_goes_to_hosts_of_other_sessions_unless_there_is_no_other_room() {
    let mut site = site();
    for of_others in ["hv-b", "hv-c"] {
        let others = Others { hosts: [of_others.into()].into(), ..Others::default() };
        let found = beside(&others, &site, &Policies::default(), &an_hour(|_| ()), &["hv-a"]);
        let free = if of_others == "hv-b" { "hv-c" } else { "hv-b" };
        assert_eq!(targets(&found), [free].into(), "beside {of_others}");
    }
    site.servers.extend(["v1", "v2", "v3"].map(|id| server(id, "hv-b")));
    let others = Others { hosts: ["hv-c".into()].into(), ..Others::default() };
    let found = beside(&others, &site, &Policies::default(), &an_hour(|_| ()), &["hv-a"]);
    assert_eq!(targets(&found), ["hv-c"].into(), "hv-b is full");
}

#[test]
fn what_other_sessions_are_about_to_move_counts_where_it_will_be() {
    let mut site = site();
    site.servers.extend(["v1", "v2", "v3"].map(|id| server(id, "hv-b")));
    let promised = ["u", "v1", "v2", "v3"].map(|id| (id.into(), "hv-c".into())).into();
    let others = Others { promised, hosts: ["hv-b".into()].into() };
    let found = beside(&others, &site, &Policies::default(), &an_hour(|_| ()), &["hv-a"]);
    assert_eq!(targets(&found), ["hv-b"].into(), "hv-c will be full, and hv-b empty");
}

#[test]
fn an_owner_sees_what_it_means() {
    let policy =
        ServerPolicy { migration_types: vec![MigrationType::None], ..ServerPolicy::default() };
    let mut site = site();
    site.servers[2].project = "blue".into();
    let found = preview(&site, &of_server("t", policy), &an_hour(|_| ()), &["hv-a", "hv-b"]);
    let impacts = found.named.impacts(&forecast(&found).plan);
    let [blue, red] = impacts.as_slice() else { panic!("{impacts:?}") };
    assert_eq!((blue.project.as_str(), blue.servers, blue.longest), ("blue", 1, 20));
    assert_eq!((blue.last - blue.first, red.servers), (20, 2));
    assert_eq!(red.actions, [(Action::LiveMigrate, 1), (Action::Keep, 1)]);
    assert_eq!(red.longest, 20 + 3_600 + 20, "stopped, the work, started");
    assert_eq!(red.last - red.first, 20 + red.longest, "the move comes first");
}

#[test]
fn a_limit_and_its_hosts_have_words() {
    let kept = an_hour(|draft| draft.default_action = Some(Action::Keep));
    let found = preview(&site(), &Policies::new([], [group(1)]), &kept, &["hv-a", "hv-b"]);
    let conflict = conflict(&found);
    assert!(conflict.smallest);
    assert_eq!(
        conflict.constraints,
        [Constraint::GroupLimit(0), Constraint::Stay(0), Constraint::Stay(1)]
    );
    let limit = found.named.say_constraint(Constraint::GroupLimit(0), conflict);
    assert_eq!(limit.words, "group mme-db allows 1 of 3 at once; host hv-a holds 2");
    assert_eq!((limit.group, limit.servers, limit.hosts), (Some(0), vec![0, 1], vec![0]));
    assert_eq!(found.named.group_ids[0].as_str(), "mme-id");
    let stay = found.named.say_constraint(Constraint::Stay(1), conflict);
    assert_eq!(stay.words, "server name-t stays on host hv-a, stopped");
    let help: Vec<_> = conflict.relaxations.iter().map(|r| r.change).collect();
    let said = |change| {
        assert!(help.contains(&change), "{change:?} is not in {help:?}");
        found.named.say_change(change, conflict).words
    };
    assert_eq!(said(Change::Limit(0, 2)), "allow 2 of group mme-db at once");
    assert_eq!(said(Change::ScaleIn(0)), "scale in 1: server name-s of project red");
    assert_eq!(said(Change::LeaveOut(0)), "leave out host hv-a");
    assert_eq!(said(Change::Without(Constraint::Stay(0))), "move server name-s");
}

#[test]
fn room_has_words() {
    let mut site = site();
    site.hosts[1].inventory.amounts.insert("MEMORY_MB".to_owned(), 14_000);
    site.hosts[2].host.up = false;
    let found = preview(&site, &Policies::default(), &an_hour(|_| ()), &["hv-a"]);
    let conflict = conflict(&found);
    let words: Vec<_> = conflict
        .constraints
        .iter()
        .map(|c| found.named.say_constraint(*c, conflict).words)
        .collect();
    assert_eq!(
        words,
        [
            "12000 MEMORY_MB leave host hv-a, and 8000 are free on others, 8000 at most on one",
            "disabled or down, no servers can go there: host hv-c",
        ]
    );
    let said = found.named.say_change(Change::Without(Constraint::Takes), conflict);
    assert_eq!(
        (said.words.as_str(), said.hosts),
        ("enable hosts that are disabled or down", vec![2])
    );
}

#[test]
fn a_window_that_is_too_short_says_by_how_much() {
    let short = an_hour(|draft| draft.window_end = Some(NOW + Duration::hours(1)));
    let found = preview(&site(), &Policies::default(), &short, &["hv-a"]);
    let conflict = conflict(&found);
    assert_eq!(conflict.constraints, [Constraint::Window]);
    let words = found.named.say_constraint(Constraint::Window, conflict).words;
    assert_eq!(words, "everything has to be over 50m after the beginning");
    let later = conflict.relaxations.iter().find(|r| matches!(r.change, Change::Window(_)));
    let words = found.named.say_change(later.unwrap().change, conflict).words;
    // The plan ends 15m20s late. Five minutes more are there to ask again in.
    assert_eq!(words, "accept an end that is 20m20s later");
}

#[test]
fn a_lead_time_beyond_the_window_is_in_conflict_with_it() {
    let policy = ServerPolicy { lead_time: Some(Duration::hours(9)), ..ServerPolicy::default() };
    let found = preview(&site(), &of_server("u", policy), &an_hour(|_| ()), &["hv-b"]);
    let conflict = conflict(&found);
    assert_eq!(conflict.constraints, [Constraint::Order, Constraint::Window]);
    let words = found.named.say_constraint(Constraint::Order, conflict).words;
    assert_eq!(words, "servers are not touched before their lead times are over");
}

/// What nothing here leads to has words as well.
#[test]
fn everything_has_words() {
    let mut site = site();
    site.servers[0].pinned_zone = Some("south".to_owned());
    let mut policy = group(0);
    policy.recovery_time = Some(Duration::seconds(90));
    policy.anti_affinity = true;
    let found = preview(&site, &Policies::new([], [policy]), &an_hour(|_| ()), &["hv-a"]);
    let conflict = conflict(&found);
    let said = |constraint| found.named.say_constraint(constraint, conflict);
    assert_eq!(
        said(Constraint::GroupLimit(0)).words,
        "group mme-db allows none of 3 to be impacted, with 1m30s between impacts; host hv-a holds 2"
    );
    assert_eq!(said(Constraint::GroupSpread(0)).words, "group mme-db allows 1 of 3 on one host");
    let pinned = found.named.problem.servers[0].placement;
    let placed = said(Constraint::Placement(pinned));
    assert_eq!(placed.words, "zone, traits or aggregates bind server name-s to host hv-c");
    assert_eq!((placed.servers, placed.hosts), (vec![0], vec![2]));
    assert_eq!(said(Constraint::ParallelHosts).words, "1 host may be out of service at once");
    assert_eq!(said(Constraint::ParallelActions).words, "4 servers may be acted on at once");
    let change = |change| found.named.say_change(change, conflict).words;
    assert_eq!(change(Change::Spread(0, 2)), "allow 2 of group mme-db on one host");
    assert_eq!(change(Change::SecondMoves(1)), "allow 1 server to move twice");
    assert_eq!(
        change(Change::Without(Constraint::Placement(pinned))),
        "let server name-s go to other hosts"
    );
    let bound = |by| found.named.say_bound(by).words;
    assert_eq!(bound(WaveBound::Growth(1)), "MEMORY_MB becomes free only on hosts that are done");
    assert_eq!(bound(WaveBound::Parallelism), "1 host may be out of service at once");
}
