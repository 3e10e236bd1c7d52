//! One suite that every implementation of the Cloud port must pass.
