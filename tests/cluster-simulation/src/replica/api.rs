//! What clients ask of a replica. Any replica serves them, whoever works on the session.

use std::collections::BTreeSet;

use fermata_core::actor::{Role, Who};
use fermata_core::id::{HostName, SessionId};
use fermata_core::machine::{Ask, Context, create};
use fermata_core::spec::{Draft, select};

use super::Pending;
use super::life::known_time;
use super::slot::{Job, Then};
use crate::message::{
    Api, ApiReturn, CloudAnswer, CloudRequest, Commit, DbAnswer, DbRequest, Refusal, Said,
};
use crate::store::ReplicaId;
use crate::world::{World, new_id};

impl World {
    pub(crate) fn serve(&mut self, r: usize, back: ApiReturn, api: Api) {
        let reason = "because".to_owned();
        let (session, ask) = match api {
            Api::Create(draft) => {
                let request = DbRequest::Request(back.request);
                self.ask_database(r, Pending::Repeated(back, draft), request);
                return;
            }
            Api::Get(session) => {
                let request = DbRequest::Load { session, known: None, request: None };
                self.ask_database(r, Pending::Get(back), request);
                return;
            }
            Api::Events(topic, after) => {
                self.ask_database(r, Pending::Events(back), DbRequest::Events { topic, after });
                return;
            }
            Api::Command(session, command) => (session, Ask::Command { command, reason }),
            Api::HostCommand(session, host, command) => {
                (session, Ask::HostCommand { host, command, reason })
            }
            Api::Update(session, draft, fields) => (session, Ask::Update { draft, fields }),
            Api::Reply(reply) => {
                let ask = Ask::Reply {
                    project: reply.project,
                    notification: reply.notification,
                    plan_revision: reply.plan_revision,
                    answer: reply.answer,
                    comment: String::new(),
                };
                (reply.session, ask)
            }
        };
        let role = if matches!(ask, Ask::Reply { .. }) { Role::Owner } else { Role::Operator };
        let input = ask.by(Who::new("somebody", role));
        let job = Job { input, epoch: None, fresh: true, then: Then::Answer(back) };
        self.push_job(r, session, job);
    }

    /// A request that creates a session may have been served before.
    pub(crate) fn repeated(
        &mut self,
        r: usize,
        back: ApiReturn,
        draft: Box<Draft>,
        answer: DbAnswer,
    ) {
        match answer {
            DbAnswer::Request(Some(said)) => self.answer_client(back, said),
            DbAnswer::Request(None) => {
                let request = CloudRequest::Survey(draft.selection.names.clone());
                self.ask_cloud(r, Pending::Survey(back, draft), request);
            }
            _ => self.answer_client(back, Said::Unavailable),
        }
    }

    /// The cloud told what there is: the session is created.
    pub(crate) fn surveyed(
        &mut self,
        r: usize,
        back: ApiReturn,
        draft: Draft,
        answer: Option<CloudAnswer>,
    ) {
        let Some(CloudAnswer::Survey(Ok((hosts, servers)))) = answer else {
            return self.answer_client(back, Said::Unavailable);
        };
        if !self.life_is_fresh(r) {
            self.give_sign_of_life(r);
            return self.answer_client(back, Said::Unavailable);
        }
        let process = &self.replicas[r].process;
        let (by, now) = (process.id, known_time(process, self.now));
        let outages = process.outages.last().map_or(0, |o| o.number);
        let names: BTreeSet<HostName> = draft.selection.names.iter().cloned().collect();
        let chosen = match select(&draft.selection, &hosts) {
            Ok(chosen) => chosen,
            Err(faults) => return self.answer_client(back, Said::Refused(format!("{faults:?}"))),
        };
        let spec = match draft.clone().complete(&names, now) {
            Ok(spec) => spec,
            Err(faults) => return self.answer_client(back, Said::Refused(format!("{faults:?}"))),
        };
        let mut ids = || new_id(&mut self.last_id);
        let nobody = BTreeSet::new();
        let policies = &self.policies;
        let context = Context { now, interactive: &nobody, policies, ledger: None, ids: &mut ids };
        let operator = Who::new("somebody", Role::Operator);
        let transition = match create(operator, spec, &chosen, servers, None, outages, context) {
            Ok(transition) => transition,
            Err(reject) => return self.answer_client(back, Said::Refused(reject.to_string())),
        };
        let session = transition.next.head.id;
        let request = Some((back.request, Said::Done(session)));
        let commit = Commit {
            by,
            runner: false,
            before: None,
            epoch: 1,
            transition: Some(transition),
            request,
            input: None,
        };
        let pending = Pending::Create { back, by, session };
        self.ask_database(r, pending, DbRequest::Commit(Box::new(commit)));
    }

    pub(crate) fn created(
        &mut self,
        r: usize,
        back: ApiReturn,
        by: ReplicaId,
        id: SessionId,
        answer: DbAnswer,
    ) {
        let said = match answer {
            DbAnswer::Committed(Ok(())) => {
                // It is found at the next look for sessions as well; this is only faster.
                let process = &self.replicas[r].process;
                if process.id == by && !process.resigning {
                    self.take_up(r, id, 1);
                }
                Said::Done(id)
            }
            DbAnswer::Committed(Err(Refusal::RequestExists(said))) => said,
            DbAnswer::Committed(Err(Refusal::HostBusy)) => {
                Said::Refused("a host is in another session".to_owned())
            }
            _ => Said::Unavailable,
        };
        self.answer_client(back, said);
    }
}
