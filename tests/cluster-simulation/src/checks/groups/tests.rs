//! Hand-made journals: each kind of violation is found, and what is allowed is not.

mod limits;
mod rooms;
mod story;
