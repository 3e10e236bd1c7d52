//! The Cloud port over OpenStack: Keystone and Nova.
