//! What every database must do for the store: a suite of cases, run on each. A case gets a database of its
//! own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests may fail as tests do"
)]

mod audit;
mod beside;
mod commits;
mod disk;
mod events;
mod host_states;
mod hosts;
mod ledger;
mod life;
mod lists;
mod moves;
mod owners;
mod place;
mod plans;
mod policies;
mod postgres;
mod racing;
mod replicas;
mod sessions;
mod space;
mod sqlite;
mod truth;
mod upgrade;
mod world;

/// Runs every case on databases that `$place` makes; a case passes unrun if it has none to give.
macro_rules! suite {
    ($place:path) => {
        $crate::suite! { $place:
            beside: a_newer_session_is_left_alone, a_session_keeps_its_format,
                newer_tables_are_used_if_allowed;
            commits: changed_rows_only, stale_writer, failing_commit_leaves_nothing,
                request_ids, cancelled_commits;
            audit: what_is_asked_for_is_recorded, many_at_once_make_one_chain, whatever_was_done_to_it_is_read,
                records_by_filter, old_records_go;
            events: gapless_under_concurrent_writers, many_topics_at_once, prune_and_bounds,
                deleted_with_their_session;
            host_states: snapshots_and_events_agree, a_change_is_told_once,
                a_retirement_ends_with_its_session, newer_news_win;
            hosts: one_active_session_per_host, one_of_fifty, retired_hosts_stay,
                promises_end_with_the_session;
            ledger: accounts_are_what_was_posted, who_judged_by_an_old_account_writes_nothing,
                faults_are_open_until_they_end, what_ended_long_ago_is_forgotten, a_place_is_given_once;
            life: reopening, migrating_twice, migrating_together, before_the_tables,
                restored;
            lists: sessions_by_page, sessions_by_filter, notifications_by_page;
            moves: moves_are_measured;
            owners: affairs_are_their_own, notification_of_a_project, subscriptions;
            plans: old_sites_are_read_by_index, counts_follow_what_ends_and_goes,
                pages_over_several_states;
            policies: policies_are_replaced_and_deleted, requests_for_policies, policies_by_page,
                policies_of_projects, one_of_many_puts_counts;
            replicas: one_owner_at_a_time, the_dead_are_buried, a_stale_epoch_cannot_write,
                adoption_races, outages_are_noted_once, hints_arrive, pool_figures;
            sessions: roundtrip, deletion, pruning;
        }
    };
    ($place:path: $($file:ident: $($case:ident),*;)*) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(place) = Option::<$crate::place::Place>::from($place().await) {
                    $crate::$file::$case(&place).await;
                }
            }
        )*)*
    };
}
pub(crate) use suite;
