//! The ways to sign in to Keystone that a binary must contain.
//!
//! The SDK finds them in a registry that each fills when it is linked. Its build script should name
//! them so that they are linked; in the packages it publishes, it does not find them in its own
//! manifest, and an application credential ends in "is not a supported type".

use std::hint::black_box;

/// Makes the linker keep the sign-in by password and by application credential.
pub(crate) fn keep() {
    black_box(&openstack_sdk_auth_password::ANCHOR);
    black_box(&openstack_sdk_auth_applicationcredential::ANCHOR);
}
