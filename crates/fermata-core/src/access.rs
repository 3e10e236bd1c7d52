//! Whether somebody may call a method: a pure decision over the caller's roles and projects. Which method asks for which
//! role is the server's table.

use std::collections::BTreeSet;

use crate::actor::Role;
use crate::id::ProjectId;

/// The projects that are somebody's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projects {
    /// All there are.
    All,
    /// These.
    Of(BTreeSet<ProjectId>),
}

impl Projects {
    /// Whether this project is one of them.
    pub fn have(&self, project: &ProjectId) -> bool {
        match self {
            Self::All => true,
            Self::Of(projects) => projects.contains(project),
        }
    }
}

/// What a caller may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// Its roles.
    pub roles: BTreeSet<Role>,
    /// The projects of which it is the owner, if it is one.
    pub projects: Projects,
}

impl Rights {
    /// Everything.
    pub fn all() -> Self {
        Self { roles: Role::ALL.into_iter().collect(), projects: Projects::All }
    }

    /// Whether any of these roles is the caller's.
    ///
    /// # Errors
    /// None is.
    pub fn have_one_of(&self, roles: &[Role]) -> Result<(), Refusal> {
        if roles.iter().any(|role| self.roles.contains(role)) { Ok(()) } else { Err(Refusal::Role) }
    }
}

/// In which role a call is let in, and what it may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The projects that it may see: its own if it is let in as their owner, else all.
    pub projects: Projects,
}

/// Why a call is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The caller has none of the roles that may call the method.
    Role,
    /// The request names this project, which is not the caller's.
    Project(ProjectId),
}

/// Decides whether a call is let in. `roles`: who may call the method, in the order in which they are tried; `named`: the
/// projects that the request names.
///
/// # Errors
/// It is not.
pub fn decide<'a>(
    rights: &Rights,
    roles: &[Role],
    named: impl Iterator<Item = &'a ProjectId> + Clone,
) -> Result<Grant, Refusal> {
    let mut refusal = Refusal::Role;
    for role in roles.iter().copied().filter(|role| rights.roles.contains(role)) {
        match role {
            Role::Owner => match named.clone().find(|project| !rights.projects.have(project)) {
                None => return Ok(Grant { role, projects: rights.projects.clone() }),
                Some(foreign) => refusal = Refusal::Project(foreign.clone()),
            },
            Role::Operator | Role::Monitor | Role::Auditor | Role::Administrator => {
                return Ok(Grant { role, projects: Projects::All });
            }
        }
    }
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(roles: &[Role], projects: &[&str]) -> Rights {
        let projects = projects.iter().map(|p| ProjectId::from(*p)).collect();
        Rights { roles: roles.iter().copied().collect(), projects: Projects::Of(projects) }
    }

    fn ask(rights: &Rights, roles: &[Role], named: &[&str]) -> Result<Grant, Refusal> {
        let named: Vec<_> = named.iter().map(|p| ProjectId::from(*p)).collect();
        decide(rights, roles, named.iter())
    }

    #[test]
    fn who_has_no_role_is_refused() {
        let nobody = rights(&[], &["a"]);
        assert_eq!(ask(&nobody, &Role::ALL, &[]), Err(Refusal::Role));
        assert_eq!(ask(&Rights::all(), &[], &[]), Err(Refusal::Role));
        let monitor = rights(&[Role::Monitor], &[]);
        assert_eq!(ask(&monitor, &[Role::Operator, Role::Owner], &["a"]), Err(Refusal::Role));
    }

    #[test]
    fn an_owner_is_let_in_for_its_own_projects_only() {
        let owner = rights(&[Role::Owner], &["a", "b"]);
        let granted = ask(&owner, &[Role::Owner], &["a"]).unwrap();
        assert_eq!(granted, Grant { role: Role::Owner, projects: owner.projects.clone() });
        assert_eq!(ask(&owner, &[Role::Owner], &[]), Ok(granted));
        assert!(ask(&owner, &[Role::Owner], &["a", "b"]).is_ok());
        let foreign = Err(Refusal::Project("c".into()));
        assert_eq!(ask(&owner, &[Role::Owner], &["a", "c"]), foreign);
        assert_eq!(ask(&owner, &[Role::Owner, Role::Operator], &["c"]), foreign);
    }

    #[test]
    fn an_owner_that_is_an_operator_acts_as_owner_where_it_can() {
        let both = rights(&[Role::Owner, Role::Operator], &["a"]);
        let methods = [Role::Owner, Role::Operator];
        assert_eq!(ask(&both, &methods, &["a"]).unwrap().role, Role::Owner);
        let granted = ask(&both, &methods, &["c"]).unwrap();
        assert_eq!(granted, Grant { role: Role::Operator, projects: Projects::All });
    }

    #[test]
    fn the_projects_of_a_caller_do_not_matter_to_other_roles() {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
            let granted = ask(&rights(&[role], &[]), &[role], &["a"]).unwrap();
            assert_eq!(granted, Grant { role, projects: Projects::All });
        }
    }
}
