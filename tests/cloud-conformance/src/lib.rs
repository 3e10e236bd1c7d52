//! One suite that every implementation of the Cloud port must pass.
//!
//! The cases know the port and a [`Fixture`], nothing of the cloud behind them. Each leaves the
//! cloud as it found it, unless it fails.
//!
//! | file | job |
//! | --- | --- |
//! | `fixture` | what a case needs from outside the port |
//! | `wait` | waiting for conditions |
//! | `hosts` | hosts, scheduling, servers on a host |
//! | `site` | everything at once: inventories, flavors, metadata, server groups |
//! | `live` | live migrations |
//! | `cold` | cold migrations |
//! | `power` | stop and start |
//! | `absent` | what does not exist |
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a case that fails panics: this is a test suite"
)]

pub mod absent;
pub mod cold;
mod fixture;
pub mod hosts;
pub mod live;
pub mod power;
pub mod site;
mod wait;

use fermata_core::cloud::Cloud;

pub use fixture::{Fixture, Tenant};

macro_rules! run {
    ($cloud:ident, $fixture:ident, $($area:ident::$case:ident),+ $(,)?) => {
        $(
            println!(concat!("case ", stringify!($area), "::", stringify!($case)));
            $area::$case($cloud, $fixture).await;
        )+
    };
}

/// Runs every case, one after the other, and prints its name before.
///
/// # Panics
/// At the first case that fails.
pub async fn run_all(cloud: &dyn Cloud, fixture: &dyn Fixture) {
    run!(
        cloud,
        fixture,
        hosts::cloud_can_be_used,
        hosts::hosts_are_listed,
        hosts::scheduling_is_disabled_with_a_reason_and_enabled,
        hosts::servers_of_all_projects_are_on_a_host,
        hosts::progress_has_one_entry_per_server,
        site::agrees_with_hosts_and_the_servers_on_them,
        site::flavors_are_told,
        site::inventories_cover_what_is_in_use,
        site::groups_and_metadata_are_told,
        site::a_named_host_with_another_member_is_refused,
        live::moves_to_the_named_host,
        live::moves_to_a_host_of_the_clouds_choice,
        live::is_seen_under_way,
        live::second_action_is_a_conflict,
        live::failure_leaves_the_server_at_the_source,
        live::abort_leaves_the_server_at_the_source,
        live::stopped_server_is_a_conflict,
        live::disabled_target_fails,
        live::no_valid_host_fails,
        cold::awaits_confirmation_and_is_confirmed,
        cold::moves_a_stopped_server,
        cold::failure_leaves_the_server_at_the_source,
        cold::confirmation_without_migration_is_a_conflict,
        power::stops_and_starts,
        power::stop_of_a_stopped_server_is_a_conflict,
        power::start_of_a_running_server_is_a_conflict,
        absent::unknown_server_is_not_found,
        absent::unknown_migration_is_not_found,
        absent::unknown_host_is_not_found,
        absent::deleted_server_is_gone,
    );
}
