//! Figures of what happened.

use std::fmt;

macro_rules! counts {
    ($($name:ident),+ $(,)?) => {
        /// What happened, in figures.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[allow(missing_docs, reason = "the names say it")]
        pub struct Counts {
            $(pub $name: u64,)+
        }

        impl Counts {
            /// Adds those of another world.
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)+
            }
        }

        impl fmt::Display for Counts {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(writeln!(f, "{} {}", stringify!($name).replace('_', " "), self.$name)?;)+
                Ok(())
            }
        }
    };
}

counts!(
    sessions,
    completed,
    cancelled,
    waiting,
    messages,
    steps,
    commits,
    events,
    cloud_calls,
    moves_by_others,
    host_faults,
    begun_beyond_limits,
    begun_too_soon,
    replies,
    by_policy,
    offers_made,
    offers_accepted,
    offers_declined,
    touched_as_promised,
    hosts_put_off,
    scale_ins_asked,
    scale_ins_answered,
    servers_given,
    crashes,
    pauses,
    partitions,
    outages,
    adoptions,
    virtual_seconds,
);
