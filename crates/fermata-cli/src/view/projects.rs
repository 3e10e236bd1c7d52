//! What projects are called, beside their ids. Where no name is known the id stands alone.

use std::collections::{BTreeMap, BTreeSet};

use fermata_client::v1::preview_session_response::Answer;
use fermata_client::v1::session_event::Event;
use fermata_client::v1::{
    Host, HostEvent, Plan, PlanConflict, Session, SessionEvent, SessionHost, SessionServer,
};

/// The names of projects, by id; an empty one was asked for and is not known.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProjectNames(BTreeMap<String, String>);

impl ProjectNames {
    /// Adds a name. One that is the same as its id says nothing.
    pub(crate) fn learn(&mut self, id: String, name: String) {
        let name = if id == name { String::new() } else { name };
        self.0.insert(id, name);
    }

    /// It was asked for.
    pub(crate) fn asked(&mut self, id: &str) {
        self.0.entry(id.to_owned()).or_default();
    }

    /// Whether it was never asked for.
    pub(crate) fn is_new(&self, id: &str) -> bool {
        !self.0.contains_key(id)
    }

    /// What a project is called.
    pub(crate) fn name(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// `ims (8b1d7e04c2ce4f5fb0a55b7d2f9ea202)`
    pub(crate) fn beside(&self, id: &str) -> String {
        self.name(id).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
    }

    /// A text with the names of the projects that it speaks of.
    fn in_text(&self, text: &mut String) {
        if self.0.keys().all(|id| self.name(id).is_none() || !text.contains(id)) {
            return;
        }
        let mut named = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (word, after) = rest.split_at(rest.find(|c| !is_of_id(c)).unwrap_or(rest.len()));
            named += &self.beside(word);
            let (between, next) = after.split_at(after.find(is_of_id).unwrap_or(after.len()));
            named += between;
            rest = next;
        }
        *text = named;
    }

    /// A session for people.
    pub(crate) fn in_session(&self, session: &mut Session) {
        let Some(status) = &mut session.status else { return };
        self.in_text(&mut status.state_reason);
        for wait in &mut status.waits {
            self.in_text(&mut wait.description);
            wait.project_id = self.beside(&wait.project_id);
        }
        status.plan_notes.iter_mut().for_each(|note| self.in_text(note));
    }

    /// Servers of a session where there is no room for ids: by the names alone of projects that have one.
    pub(crate) fn instead_of_ids(&self, servers: &mut [SessionServer]) {
        for server in servers {
            if let Some(name) = self.name(&server.project_id) {
                name.clone_into(&mut server.project_id);
            }
        }
    }

    /// Hosts of a session for people.
    pub(crate) fn in_session_hosts(&self, hosts: &mut [SessionHost]) {
        hosts.iter_mut().for_each(|host| self.in_text(&mut host.state_reason));
    }

    /// Hosts for people.
    pub(crate) fn in_hosts(&self, hosts: &mut [Host]) {
        hosts.iter_mut().for_each(|host| self.in_text(&mut host.session_state_reason));
    }

    /// A plan for people.
    pub(crate) fn in_plan(&self, plan: &mut Plan) {
        plan.notes.iter_mut().for_each(|note| self.in_text(note));
        if let Some(bounds) = &mut plan.bounds {
            self.in_text(&mut bounds.wave_bound_description);
        }
    }

    /// Why there is no plan, for people.
    pub(crate) fn in_conflict(&self, conflict: &mut PlanConflict) {
        texts_of_conflict(conflict).for_each(|text| self.in_text(text));
    }

    /// An event of a host for people.
    pub(crate) fn in_host_event(&self, event: &mut HostEvent) {
        self.in_text(&mut event.reason);
    }

    /// An event of a session for people.
    pub(crate) fn in_event(&self, event: &mut SessionEvent) {
        match &mut event.event {
            Some(Event::Session(to)) => self.in_text(&mut to.reason),
            Some(Event::Host(to)) => self.in_text(&mut to.reason),
            Some(Event::Server(to)) => self.in_text(&mut to.detail),
            Some(Event::OwnerAsked(asked)) => asked.project_id = self.beside(&asked.project_id),
            Some(Event::OwnerReplied(replied)) => {
                replied.project_id = self.beside(&replied.project_id);
            }
            Some(Event::CounterOfferJudged(judged)) => {
                judged.project_id = self.beside(&judged.project_id);
                self.in_text(&mut judged.reason);
            }
            Some(Event::HoldBroken(_)) | None => {}
        }
    }
}

fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// Words that look like ids of the cloud: 32 hexadecimal digits, with or without dashes.
pub(crate) fn ids_in(text: &str) -> BTreeSet<String> {
    let is_id = |word: &&str| {
        let digits = word.chars().filter(char::is_ascii_hexdigit).count();
        digits == 32 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
    };
    text.split(|c| !is_of_id(c)).filter(is_id).map(str::to_owned).collect()
}

fn texts_of_conflict(conflict: &mut PlanConflict) -> impl Iterator<Item = &mut String> {
    let constraints = conflict.constraints.iter_mut().map(|about| &mut about.description);
    let changes = conflict.relaxations.iter_mut().map(|change| &mut change.description);
    constraints.chain(changes).chain(&mut conflict.notes)
}

/// The projects of which the answer to a preview speaks.
pub(crate) fn ids_of_preview(answer: &Answer) -> BTreeSet<String> {
    match answer {
        Answer::Plan(plan) => {
            let bounds = plan.bounds.as_ref().map(|bounds| &bounds.wave_bound_description);
            let texts = plan.notes.iter().chain(bounds).flat_map(|text| ids_in(text));
            plan.owners.iter().map(|owner| owner.project_id.clone()).chain(texts).collect()
        }
        Answer::Conflict(conflict) => {
            let mut conflict = conflict.clone();
            texts_of_conflict(&mut conflict).flat_map(|text| ids_in(text)).collect()
        }
    }
}

/// The projects of which a session and its hosts speak.
pub(crate) fn ids_of_session(session: &Session, hosts: &[SessionHost]) -> BTreeSet<String> {
    let status = session.status.clone().unwrap_or_default();
    let mut ids = ids_in(&status.state_reason);
    for wait in status.waits {
        ids.extend(ids_in(&wait.description));
        ids.insert(wait.project_id);
    }
    ids.extend(status.plan_notes.iter().flat_map(|note| ids_in(note)));
    ids.extend(hosts.iter().flat_map(|host| ids_in(&host.state_reason)));
    ids
}

/// The projects of which an event speaks.
pub(crate) fn ids_of_event(event: &SessionEvent) -> BTreeSet<String> {
    match &event.event {
        Some(Event::Session(to)) => ids_in(&to.reason),
        Some(Event::Host(to)) => ids_in(&to.reason),
        Some(Event::Server(to)) => ids_in(&to.detail),
        Some(Event::OwnerAsked(asked)) => [asked.project_id.clone()].into(),
        Some(Event::OwnerReplied(replied)) => [replied.project_id.clone()].into(),
        Some(Event::CounterOfferJudged(judged)) => {
            let mut ids = ids_in(&judged.reason);
            ids.insert(judged.project_id.clone());
            ids
        }
        Some(Event::HoldBroken(_)) | None => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{PlanBounds, PlanConstraint, PlanRelaxation, SessionStatus, Wait};

    use super::*;

    const IMS: &str = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202";

    fn names() -> ProjectNames {
        let mut names = ProjectNames::default();
        names.learn(IMS.to_owned(), "ims".to_owned());
        names.learn("same".to_owned(), "same".to_owned());
        names
    }

    #[test]
    fn item_10_names_stand_beside_ids() {
        let names = names();
        assert_eq!(names.beside(IMS), format!("ims ({IMS})"));
        assert_eq!((names.beside("other"), names.beside("same")), ("other".into(), "same".into()));
        let wait = Wait { project_id: IMS.to_owned(), ..Default::default() };
        let status = SessionStatus {
            state_reason: format!("project {IMS} objects: not {IMS}x, é"),
            waits: vec![wait],
            ..Default::default()
        };
        let mut session = Session { status: Some(status), ..Default::default() };
        names.in_session(&mut session);
        let status = session.status.unwrap();
        assert_eq!(status.state_reason, format!("project ims ({IMS}) objects: not {IMS}x, é"));
        assert_eq!(status.waits[0].project_id, format!("ims ({IMS})"));
    }

    #[test]
    fn item_10_previews_name_projects() {
        let about = |what: &str| format!("server amf-1 of project {IMS} {what}");
        let named = |what: &str| format!("server amf-1 of project ims ({IMS}) {what}");
        let mut conflict = PlanConflict {
            constraints: vec![PlanConstraint { description: about("stays"), ..Default::default() }],
            relaxations: vec![PlanRelaxation { description: about("goes"), ..Default::default() }],
            notes: vec![about("is stopped")],
            ..Default::default()
        };
        assert_eq!(ids_of_preview(&Answer::Conflict(conflict.clone())), [IMS.to_owned()].into());
        names().in_conflict(&mut conflict);
        assert_eq!(conflict.constraints[0].description, named("stays"));
        assert_eq!(conflict.relaxations[0].description, named("goes"));
        assert_eq!(conflict.notes[0], named("is stopped"));
        let bounds = PlanBounds { wave_bound_description: about("binds"), ..Default::default() };
        let notes = vec![about("has no id")];
        let mut plan = Plan { bounds: Some(bounds), notes, ..Default::default() };
        assert_eq!(ids_of_preview(&Answer::Plan(plan.clone())), [IMS.to_owned()].into());
        names().in_plan(&mut plan);
        assert_eq!(plan.bounds.unwrap().wave_bound_description, named("binds"));
        assert_eq!(plan.notes[0], named("has no id"));
    }

    #[test]
    fn item_10_ids_are_found_in_texts() {
        let session = "01a20804-4445-7666-87d5-30a16d420f95";
        let found =
            ids_in(&format!("project {IMS} objects in session {session}; 12345, compute-b3"));
        assert_eq!(found, BTreeSet::from([IMS, session].map(str::to_owned)));
    }
}
