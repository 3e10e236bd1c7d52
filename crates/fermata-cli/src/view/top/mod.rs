//! `fermata top`: what is on the screen, what keys do to it, how it is drawn. All of it is pure: nothing here calls a server, reads a
//! clock or touches the terminal.
//!
//! | file | job |
//! | --- | --- |
//! | `model` | what is shown, and how news change it |
//! | `keys` | what a key does |
//! | `draw` | the screen, and where its parts lie |
//! | `panes` | the parts |
//! | `order` | what the operator may order, and the question before it |

mod draw;
mod keys;
mod model;
mod order;
mod panes;
#[cfg(test)]
mod tests;

pub(crate) use draw::draw;
pub(crate) use keys::{Asked, press};
pub(crate) use model::{Focus, Picture, Top};
pub(crate) use order::{Act, Order};
