//! The options about how much callers may take and how much is kept.

use std::time::Duration;

use fermata_core::quota::Quotas;

use super::{ConfigError, ServeArgs};
use crate::limits::Limits;

macro_rules! pick {
    ($args:ident, $file:ident, $option:ident) => {
        $args.$option.or($file.$option)
    };
}

/// How much callers may take. Where callers are not told from each other, all are one principal.
pub(super) fn limits(args: &ServeArgs, file: &ServeArgs, knows_callers: bool) -> Limits {
    let usual = Limits::default();
    let streams = pick!(args, file, max_streams).unwrap_or(usual.streams);
    let calls = pick!(args, file, max_calls).unwrap_or(usual.calls);
    let connections = pick!(args, file, max_connections).unwrap_or(usual.connections);
    let part = |part: Option<usize>, of: usize| part.unwrap_or_else(|| of.max(1));
    let per_principal = if knows_callers { streams / 2 } else { streams };
    let call_rate = pick!(args, file, max_call_rate).or(usual.call_rate);
    let memory = pick!(args, file, max_request_memory);
    let request_timeout = pick!(args, file, request_timeout);
    let stalled_after = pick!(args, file, stalled_after);
    let connection_age = pick!(args, file, max_connection_age).map(|span| span.0);
    let connection_grace = pick!(args, file, connection_age_grace);
    Limits {
        connections,
        connections_per_address: part(
            pick!(args, file, max_connections_per_address),
            connections / 2,
        ),
        streams_per_connection: pick!(args, file, max_streams_per_connection)
            .unwrap_or(usual.streams_per_connection),
        streams,
        streams_per_principal: part(pick!(args, file, max_streams_per_principal), per_principal),
        calls,
        calls_per_principal: part(pick!(args, file, max_calls_per_principal), calls / 4),
        call_rate: call_rate.filter(|rate| *rate > 0),
        request_timeout: request_timeout.map_or(usual.request_timeout, |span| span.0),
        request_bytes: memory.map_or(usual.request_bytes, |mib| mib.saturating_mul(1 << 20)),
        stalled_after: stalled_after.map_or(usual.stalled_after, |span| span.0),
        empty_frames: usual.empty_frames,
        connection_age: connection_age.or(usual.connection_age).filter(|age| !age.is_zero()),
        connection_grace: connection_grace.map_or(usual.connection_grace, |span| span.0),
    }
}

/// How much is kept.
pub(super) fn quotas(args: &ServeArgs, file: &ServeArgs) -> Quotas {
    let usual = Quotas::default();
    let longest_wait = pick!(args, file, longest_wait).and_then(|span| span.0.try_into().ok());
    Quotas {
        subscriptions: pick!(args, file, max_subscriptions).unwrap_or(usual.subscriptions),
        server_policies: pick!(args, file, max_server_policies).unwrap_or(usual.server_policies),
        server_groups: pick!(args, file, max_server_groups).unwrap_or(usual.server_groups),
        sessions: pick!(args, file, max_sessions).unwrap_or(usual.sessions),
        longest_wait: longest_wait.unwrap_or(usual.longest_wait),
    }
}

/// Limits that let nobody in are mistakes.
///
/// # Errors
/// One of them is zero.
pub(super) fn check(limits: &Limits) -> Result<(), ConfigError> {
    let Limits {
        connections,
        connections_per_address,
        streams_per_connection,
        streams,
        streams_per_principal,
        calls,
        calls_per_principal,
        call_rate: _,
        request_timeout,
        request_bytes,
        stalled_after,
        empty_frames: _,
        connection_age: _,
        connection_grace,
    } = *limits;
    for (option, is_zero) in [
        ("max_connections", connections == 0),
        ("max_connections_per_address", connections_per_address == 0),
        ("max_streams_per_connection", streams_per_connection == 0),
        ("max_streams", streams == 0),
        ("max_streams_per_principal", streams_per_principal == 0),
        ("max_calls", calls == 0),
        ("max_calls_per_principal", calls_per_principal == 0),
        ("request_timeout", request_timeout == Duration::ZERO),
        ("max_request_memory", request_bytes == 0),
        ("stalled_after", stalled_after == Duration::ZERO),
        ("connection_age_grace", connection_grace == Duration::ZERO),
    ] {
        if is_zero {
            return Err(ConfigError::Value { option, problem: "must be more than zero" });
        }
    }
    Ok(())
}
