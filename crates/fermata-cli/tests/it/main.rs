//! The binary, as people and scripts run it.
