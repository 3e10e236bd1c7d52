//! What projects are called, beside their ids. Where no name is known the id stands alone.

use std::collections::{BTreeMap, BTreeSet};

use fermata_client::v1::session_event::Event;
use fermata_client::v1::{Host, Session, SessionEvent, SessionHost};

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

    /// Hosts of a session for people.
    pub(crate) fn in_session_hosts(&self, hosts: &mut [SessionHost]) {
        hosts.iter_mut().for_each(|host| self.in_text(&mut host.state_reason));
    }

    /// Hosts for people.
    pub(crate) fn in_hosts(&self, hosts: &mut [Host]) {
        hosts.iter_mut().for_each(|host| self.in_text(&mut host.session_state_reason));
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
    use fermata_client::v1::{SessionStatus, Wait};

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
    fn item_10_ids_are_found_in_texts() {
        let session = "01a20804-4445-7666-87d5-30a16d420f95";
        let found =
            ids_in(&format!("project {IMS} objects in session {session}; 12345, compute-b3"));
        assert_eq!(found, BTreeSet::from([IMS, session].map(str::to_owned)));
    }
}
