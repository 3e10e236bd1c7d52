//! What a VNF descriptor (ETSI GS NFV-SOL 001, TOSCA in YAML) says about the maintenance of its VDUs: a group for
//! each VDU, and for each placement group that may not share a host. What is left out is told with its reason.
//!
//! `package` is where files are read, `inputs` evaluates functions; `info` reads one `nfvi_maintenance_info`; `tosca` has the words of TOSCA.

#[cfg(test)]
mod fuzz;
mod info;
mod inputs;
mod package;
mod tosca;

use std::collections::{BTreeMap, BTreeSet};

use fermata_client::v1::{Policy, ServerGroup};
use serde_json::{Map, Value};

use info::Reading;
pub(super) use inputs::Inputs;
pub(super) use package::Package;
use tosca::{entries, is_a, properties, text};

const COMPUTE: &str = "tosca.nodes.nfv.Vdu.Compute";
const PLACEMENT_GROUP: &str = "tosca.groups.nfv.PlacementGroup";
const ANTI_AFFINITY: &str = "tosca.policies.nfv.AntiAffinityRule";
const AFFINITY: &str = "tosca.policies.nfv.AffinityRule";

/// What a descriptor was made into.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Vnfd {
    /// The groups, VDUs before placement groups.
    pub(super) groups: Vec<Made>,
    /// What was left out.
    pub(super) ignored: Vec<Ignored>,
}

/// A group to be, without its members.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    /// The VDU or the placement group.
    pub(super) of: String,
    /// The VDUs whose servers are its members.
    pub(super) vdus: Vec<String>,
    /// What it asks for.
    pub(super) group: ServerGroup,
    /// Which field was made of what in the descriptor.
    pub(super) fields: Vec<(String, &'static str)>,
}

/// Something in the descriptor that says nothing to Fermata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignored {
    /// Its path in the descriptor.
    pub(crate) path: String,
    /// Why.
    pub(crate) why: String,
    /// The descriptor asked for something that would not be in force.
    pub(crate) is_loss: bool,
}

impl Made {
    fn new(of: &str, vdus: Vec<String>) -> Self {
        let group = ServerGroup {
            id: id(of),
            display_name: of.to_owned(),
            member_policy: Some(Policy::default()),
            ..Default::default()
        };
        Self { of: of.to_owned(), vdus, group, fields: Vec::new() }
    }

    fn keep_apart(&mut self, path: &str) {
        self.group.anti_affinity = true;
        self.fields.push((path.to_owned(), "anti_affinity"));
    }
}

/// A group's id may hold less than a name in TOSCA.
fn id(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().map(|c| if fits(c) { c } else { '-' }).collect()
}

impl Vnfd {
    /// Reads a descriptor and what it imports.
    ///
    /// # Errors
    /// It is no YAML, or no topology is in it.
    pub(super) fn read(package: &Package, inputs: &Inputs) -> Result<Self, String> {
        let mut vnfd = Self::default();
        let documents = vnfd.documents(package)?;
        let types = documents.iter().flat_map(|(_, document)| entries(document.get("node_types")));
        let types: Map<String, Value> =
            types.map(|(name, t)| (name.to_owned(), t.clone())).collect();
        let mut has_topology = false;
        for (file, mut document) in documents {
            let Some(at) = ["topology_template", "service_template"]
                .into_iter()
                .find(|key| document.get(key).is_some_and(Value::is_object))
            else {
                continue;
            };
            let Some(topology) = document.get_mut(at) else { continue };
            has_topology = true;
            inputs::evaluate(topology, &inputs::with_defaults(inputs, topology));
            let at = if file == package.entry { at.to_owned() } else { format!("{file}: {at}") };
            vnfd.topology(&at, topology, &types);
        }
        if !has_topology {
            return Err(
                "has no topology_template, and imports none; give the file with the node templates, \
                 usually that of the deployment flavour"
                    .to_owned(),
            );
        }
        Ok(vnfd)
    }

    fn topology(&mut self, at: &str, topology: &Value, types: &Map<String, Value>) {
        let before = std::mem::take(&mut self.groups);
        self.node_templates(&format!("{at}.node_templates"), topology, types);
        let placed = self.placement_groups(&format!("{at}.groups"), topology);
        self.policies(&format!("{at}.policies"), topology, &placed);
        self.drop_empty(at);
        let here = std::mem::replace(&mut self.groups, before);
        self.groups.extend(here);
    }

    /// The descriptor and all that it imports, each once. The types of ETSI need not be there: what they say is known.
    fn documents(&mut self, package: &Package) -> Result<Vec<(String, Value)>, String> {
        let parse = |file: &str| -> Result<Value, String> {
            let yaml = package.text(file)?;
            serde_saphyr::from_str(&yaml).map_err(|error| format!("is no YAML: {error}"))
        };
        let entry = parse(&package.entry)?;
        let mut documents = vec![(package.entry.clone(), entry)];
        let mut known: BTreeSet<String> = [package.entry.clone()].into();
        let mut next = 0;
        while let Some((file, document)) = documents.get(next).cloned() {
            next += 1;
            for import in tosca::list(document.get("imports")) {
                let named = match import.as_str() {
                    Some(named) => named,
                    None => text(
                        import.get("file").or_else(|| entries(Some(import)).next()?.1.get("file")),
                    ),
                };
                let name = named.rsplit('/').next().unwrap_or_default();
                if name.starts_with("etsi_nfv_sol001_") {
                    continue;
                }
                let Some(path) = package::beside(&file, named) else {
                    self.lose(
                        format!("{file}: imports"),
                        format!("'{named}' is not in the package"),
                    );
                    continue;
                };
                if !known.insert(path.clone()) {
                    continue;
                }
                match parse(&path) {
                    Ok(document) => documents.push((path, document)),
                    Err(why) => self.lose(format!("{file}: imports"), format!("'{named}' {why}")),
                }
            }
        }
        Ok(documents)
    }

    /// Something that says nothing to Fermata.
    fn ignore(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.ignored.push(Ignored { path: path.into(), why: why.into(), is_loss: false });
    }

    /// Something that was asked for and would not be in force.
    fn lose(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.ignored.push(Ignored { path: path.into(), why: why.into(), is_loss: true });
    }

    fn node_templates(&mut self, at: &str, topology: &Value, types: &Map<String, Value>) {
        for (name, template) in entries(topology.get("node_templates")) {
            let at = format!("{at}.{name}");
            let kind = text(template.get("type"));
            if is_a(kind, COMPUTE, types) {
                self.vdu(&at, name, template);
                continue;
            }
            for (profile, properties) in properties(template) {
                if properties.get("nfvi_maintenance_info").is_some() {
                    let path = format!("{at}.properties.{profile}.nfvi_maintenance_info");
                    let why = format!("is about a {kind}; only servers (Vdu.Compute) are moved");
                    self.ignore(path, why);
                }
            }
        }
    }

    fn vdu(&mut self, at: &str, name: &str, template: &Value) {
        let mut made = Made::new(name, vec![name.to_owned()]);
        let at = format!("{at}.properties.vdu_profile.nfvi_maintenance_info");
        let profile = template.get("properties").and_then(|p| p.get("vdu_profile"));
        match profile.and_then(|p| p.get("nfvi_maintenance_info")) {
            None => {}
            Some(Value::Object(info)) => {
                let ignored = &mut self.ignored;
                Reading { group: &mut made.group, fields: &mut made.fields, ignored }
                    .info(&at, info);
            }
            Some(_) => self.lose(at, "is no map"),
        }
        self.groups.push(made);
    }

    /// Placement groups and their VDUs.
    fn placement_groups(&mut self, at: &str, topology: &Value) -> BTreeMap<String, Vec<String>> {
        let mut placed = BTreeMap::new();
        for (name, group) in entries(topology.get("groups")) {
            let kind = text(group.get("type"));
            if kind != PLACEMENT_GROUP {
                self.ignore(format!("{at}.{name}"), format!("is a {kind}, no placement group"));
                continue;
            }
            let mut members = Vec::new();
            for member in tosca::list(group.get("members")) {
                let member = text(Some(member));
                if self.groups.iter().any(|g| g.of == member) {
                    members.push(member.to_owned());
                } else {
                    let path = format!("{at}.{name}.members");
                    self.lose(path, format!("'{member}' is no VDU of this file"));
                }
            }
            placed.insert(name.to_owned(), members);
        }
        placed
    }

    fn policies(&mut self, at: &str, topology: &Value, placed: &BTreeMap<String, Vec<String>>) {
        let mut kept_apart = Vec::new();
        for (name, policy) in tosca::policies(topology.get("policies")) {
            let at = format!("{at}.{name}");
            match text(policy.get("type")) {
                ANTI_AFFINITY => {}
                AFFINITY => {
                    self.ignore(at, "affinity: servers may be put together, they need not be");
                    continue;
                }
                // Scaling, levels and the like have nothing to do with maintenance.
                _ => continue,
            }
            let scope = text(policy.get("properties").and_then(|p| p.get("scope")));
            if scope != "nfvi_node" {
                let why =
                    format!("its scope is '{scope}'; of scopes only nfvi_node is about hosts");
                self.ignore(format!("{at}.properties.scope"), why);
                continue;
            }
            for target in tosca::list(policy.get("targets")) {
                let target = text(Some(target));
                if let Some(vdus) = placed.get(target) {
                    let mut made = Made::new(target, vdus.clone());
                    made.keep_apart(&at);
                    kept_apart.push(target.to_owned());
                    self.groups.push(made);
                } else if let Some(vdu) = self.groups.iter_mut().find(|g| g.of == target) {
                    vdu.keep_apart(&at);
                } else {
                    let why = format!("'{target}' is no VDU and no placement group of this file");
                    self.lose(format!("{at}.targets"), why);
                }
            }
        }
        for name in placed.keys().filter(|name| !kept_apart.contains(name)) {
            let path = at.replace("policies", "groups");
            self.ignore(
                format!("{path}.{name}"),
                "no anti-affinity rule of scope nfvi_node names it",
            );
        }
    }

    /// Groups that ask for nothing are none.
    fn drop_empty(&mut self, at: &str) {
        let (made, empty) = std::mem::take(&mut self.groups)
            .into_iter()
            .partition::<Vec<_>, _>(|made| !made.fields.is_empty());
        self.groups = made;
        for nothing in empty {
            let path = format!("{at}.node_templates.{}", nothing.of);
            self.ignore(path, "says nothing about maintenance");
        }
    }
}

#[cfg(test)]
mod tests;
