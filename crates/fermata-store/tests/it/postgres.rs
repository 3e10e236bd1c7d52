//! The suite on PostgreSQL, and what is PostgreSQL's own.

use crate::place::Place;

crate::suite!(Place::postgres);
