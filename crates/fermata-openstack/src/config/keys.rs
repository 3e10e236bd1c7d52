//! Names of settings: those of `auth`, those about something else than Fermata does, those of services.

/// Settings of `auth`. They may stand beside it, too, as openstacksdk allows.
pub(super) const AUTH: [&str; 44] = [
    "access_token",
    "access_token_endpoint",
    "access_token_type",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "auth_methods",
    "auth_url",
    "client_id",
    "client_secret",
    "default_domain",
    "default_domain_id",
    "default_domain_name",
    "discovery_endpoint",
    "domain_id",
    "domain_name",
    "identity_provider",
    "openid_scope",
    "passcode",
    "password",
    "project_domain_id",
    "project_domain_name",
    "project_id",
    "project_name",
    "protocol",
    "system_scope",
    "tenant_id",
    "tenant_name",
    "token",
    "trust_id",
    "user_domain_id",
    "user_domain_name",
    "user_id",
    "user_name",
    "username",
    // Of kinds of sign-in that are refused by name.
    "code",
    "endpoint",
    "identity_provider_url",
    "mutual_auth",
    "oauth2_client_id",
    "oauth2_client_secret",
    "oauth2_endpoint",
    "redirect_uri",
    "service_provider_endpoint",
];

/// Settings of a cloud that are used.
pub(super) const USED: [&str; 17] = [
    "api_timeout",
    "auth",
    "auth_plugin",
    "auth_type",
    "cacert",
    "cert",
    "cloud",
    "default_domain",
    "endpoint_type",
    "identity_api_version",
    "insecure",
    "interface",
    "key",
    "profile",
    "region_name",
    "regions",
    "verify",
];

/// Settings of a cloud that are about what Fermata does not do: networks, images, volumes, people.
pub(super) const ELSEWHERE: [&str; 24] = [
    "additional_user_agents",
    "app_name",
    "app_version",
    "cache",
    "disable_vendor_agent",
    "external_network",
    "floating_ip_source",
    "force_ipv4",
    "image_api_use_tasks",
    "image_format",
    "image_use_tasks",
    "influxdb",
    "internal_network",
    "locations",
    "message",
    "metrics",
    "name",
    "networks",
    "private",
    "requires_floating_ip",
    "secgroup_source",
    "statsd",
    "status",
    "vendor_hook",
];

/// What may be set for a service, after its name.
pub(super) const OF_SERVICES: [&str; 16] = [
    "_api_version",
    "_concurrency",
    "_connect_retries",
    "_connect_retry_delay",
    "_default_microversion",
    "_endpoint",
    "_endpoint_override",
    "_endpoint_type",
    "_interface",
    "_max_version",
    "_min_version",
    "_rate_limit",
    "_region_name",
    "_service_name",
    "_service_type",
    "_skip_discovery",
];

/// Whether a setting of a cloud is one that is known.
pub(super) fn is_known(key: &str) -> bool {
    USED.contains(&key)
        || AUTH.contains(&key)
        || ELSEWHERE.contains(&key)
        || OF_SERVICES.iter().any(|ending| key.ends_with(ending))
}
