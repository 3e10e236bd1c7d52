//! What the system says of the server's process.

use std::fs;

/// What a process holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Held {
    /// Resident memory, in kB.
    pub memory: u64,
    /// Address space, in kB.
    pub addresses: u64,
}

/// What this process holds; nothing if it has ended.
pub fn held(process: u32) -> Held {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    Held { memory: line("VmRSS:"), addresses: line("VmSize:") }
}

/// The calling thread gives way to all others: an attacker has a machine of its own, and takes no processor from the server but by
/// what it sends.
pub fn give_way() {
    // Where it is not allowed the figures are worse, and nothing is wrong.
    let _ = rustix::process::nice(19);
}
