//! The Cloud port over a simulated cloud that behaves like Nova.
