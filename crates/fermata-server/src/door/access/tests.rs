//! The table against the contract.

use std::collections::{BTreeMap, BTreeSet};

use fermata_core::id::ProjectId;
use fermata_proto::FILE_DESCRIPTOR_SET;
use prost::{DecodeError, Message};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor, Value};

use super::{Access, Names, table};
use crate::bounds::look_through;
use crate::bounds::rule::{Bounded, Found};

/// What the door finds in an encoded request, if it is one.
pub(super) fn find<Q: Message + Default + Bounded>(encoded: &[u8]) -> Result<Found, DecodeError> {
    Ok(look_through(&Q::decode(encoded)?))
}

/// The methods of all services that are served, by their paths.
fn methods() -> BTreeMap<String, MethodDescriptor> {
    let sets = [
        FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let mut methods = BTreeMap::new();
    for set in sets {
        let pool = DescriptorPool::decode(set).unwrap();
        for service in pool.services() {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                methods.insert(path, method);
            }
        }
    }
    methods
}

#[test]
fn every_method_has_a_row_and_every_row_a_method() {
    let rows: Vec<_> = table().map(super::Row::path).collect();
    let all: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(all.len(), rows.len(), "a method with two rows");
    assert_eq!(all, methods().into_keys().collect());
}

#[test]
fn only_what_tells_nothing_of_the_site_is_open_to_anybody() {
    for row in table() {
        let ours = row.service.starts_with("fermata.");
        assert_eq!(row.access == Access::Open, !ours, "{}", row.path());
        assert!(!ours || !row.roles().is_empty(), "{} is for nobody", row.path());
    }
}

/// Every field of a request, however deep, that names a project.
fn fields_of_projects(message: &MessageDescriptor, at: &str, found: &mut Vec<String>) {
    for field in message.fields() {
        let path =
            if at.is_empty() { field.name().into() } else { format!("{at}.{}", field.name()) };
        let kind = field.kind();
        let inside = kind.as_message().filter(|m| m.full_name().starts_with("fermata.v1."));
        if let Some(inside) = inside {
            fields_of_projects(inside, &path, found);
        } else if field.name().contains("project") {
            found.push(path);
        }
    }
}

/// A request with a project in this field.
fn naming(input: &MessageDescriptor, path: &str, project: &str) -> DynamicMessage {
    let mut message = DynamicMessage::new(input.clone());
    let value = match path.split_once('.') {
        None => (path, Value::String(project.to_owned())),
        Some((field, rest)) => {
            let kind = input.get_field_by_name(field).unwrap().kind();
            (field, Value::Message(naming(kind.as_message().unwrap(), rest, project)))
        }
    };
    message.set_field_by_name(value.0, value.1);
    message
}

#[test]
fn the_table_names_the_field_of_each_project_and_the_door_finds_it() {
    let methods = methods();
    let mut checked = 0;
    for row in table().filter(|row| row.access != Access::Open) {
        let input = methods[&row.path()].input();
        let mut there = Vec::new();
        fields_of_projects(&input, "", &mut there);
        let named: Vec<_> = match row.names {
            Names::Nothing => Vec::new(),
            Names::Project { field } | Names::Resource { field, .. } | Names::Filter { field } => {
                vec![field.to_owned()]
            }
        };
        assert_eq!(named, there, "{}", row.path());
        for field in there {
            let request = naming(&input, &field, "core").encode_to_vec();
            let found = (row.find)(&request).unwrap();
            assert_eq!(found.projects, [(field, ProjectId::from("core"))], "{}", row.path());
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn the_door_finds_the_id_of_every_request_that_has_one() {
    let methods = methods();
    for row in table().filter(|row| row.access != Access::Open) {
        let input = methods[&row.path()].input();
        if input.get_field_by_name("request_id").is_some() {
            let request = naming(&input, "request_id", "once").encode_to_vec();
            assert_eq!(
                (row.find)(&request).unwrap().request_id.as_deref(),
                Some("once"),
                "{}",
                row.path()
            );
        }
    }
}

/// The comment of each method ends with who may call it.
#[test]
fn the_contract_says_who_may_call() {
    let mut wrong = Vec::new();
    let methods = methods();
    for row in table().filter(|row| row.access != Access::Open) {
        let method = &methods[&row.path()];
        let file = method.parent_file().file_descriptor_proto().clone();
        let path = method.path();
        let info = file.source_code_info.unwrap();
        let location = info.location.into_iter().find(|l| l.path == path).unwrap();
        let comment =
            location.leading_comments().lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let sentence = callers(row);
        if !comment.contains(&sentence) {
            wrong.push(format!("{}: {sentence}", row.path()));
        }
    }
    assert!(wrong.is_empty(), "comments leave out who may call:\n{}", wrong.join("\n"));
}

/// `Callers: owners, operators, auditors.`
fn callers(row: &super::Row) -> String {
    let roles: Vec<_> = row.roles().iter().map(|role| format!("{role}s")).collect();
    format!("Callers: {}.", roles.join(", "))
}
