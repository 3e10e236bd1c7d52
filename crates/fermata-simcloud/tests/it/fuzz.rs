//! Topologies as nobody would write them are refused, or are clouds.

use std::sync::Arc;

use fermata_simcloud::{SMALL_TELCO_SITE, SimCloud, Topology};
use serde_json::Value;

use crate::common::START;

fn try_it(text: &str) {
    if let Ok(topology) = Topology::parse(text) {
        let cloud = SimCloud::new(&topology, Arc::new(|| START));
        let _ = cloud.snapshot();
    }
}

fn texts(cases: u32) {
    fuzzing::bytes(cases, vec![SMALL_TELCO_SITE.as_bytes().to_vec()], |bytes| {
        try_it(&String::from_utf8_lossy(bytes));
        Ok(())
    });
}

/// The syntax is right, and what is said is not.
fn sites(cases: u32) {
    let document: Value = toml::from_str(SMALL_TELCO_SITE).unwrap();
    fuzzing::json(cases, document, |document| {
        if let Ok(text) = toml::to_string(&document) {
            try_it(&text);
        }
        Ok(())
    });
}

fuzzing::targets! {
    texts: texts_for_a_moment, texts_for_long;
    sites: sites_for_a_moment, sites_for_long;
}
