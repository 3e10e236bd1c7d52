//! Tokens of others, as Keystone knows them.

use super::{Call, Service};
use crate::microversion::KEYSTONE;

/// `GET /v3/auth/tokens`: validates the token in the header `x-subject-token`, which is not part of the call, so that it is in no
/// log (<https://docs.openstack.org/api-ref/identity/v3/#validate-and-show-information-for-token>).
pub(crate) fn validate() -> Call {
    let mut call = Call::read("validate_token", "auth/tokens", KEYSTONE, "identity:validate_token");
    call.service = Service::Keystone;
    // The catalog would be most of the answer.
    call.query = vec![("nocatalog", "true".to_owned())];
    call
}
