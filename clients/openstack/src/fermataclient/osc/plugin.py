"""What python-openstackclient asks a plug-in for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from keystoneauth1.exceptions import EndpointNotFound
from osc_lib import exceptions, utils

if TYPE_CHECKING:
    from fermataclient.osc.client import Client

API_NAME = "maintenance"
API_VERSION_OPTION = "os_maintenance_api_version"
API_VERSIONS = {"1": "fermataclient.osc.client.Client"}
DEFAULT_API_VERSION = "1"
SERVICE_TYPE = "maintenance"


def build_option_parser(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Adds the options that all commands have."""
    parser.add_argument(
        "--os-maintenance-api-version",
        metavar="<maintenance-api-version>",
        default=utils.env("OS_MAINTENANCE_API_VERSION", default=DEFAULT_API_VERSION),
        help=f"Maintenance API version, default={DEFAULT_API_VERSION} (Env: OS_MAINTENANCE_API_VERSION)",
    )
    parser.add_argument(
        "--os-maintenance-endpoint",
        metavar="<maintenance-endpoint>",
        default=utils.env("OS_MAINTENANCE_ENDPOINT"),
        help="Address of Fermata, such as https://fermata.example:7400, instead of the catalog's endpoint of the service "
        f"type {SERVICE_TYPE} (Env: OS_MAINTENANCE_ENDPOINT)",
    )
    return parser


def make_client(instance: Any) -> Client:
    """The client of a command: `instance` knows the options, the session with Keystone and its catalog."""
    # Every `openstack` command imports this file, and few need gRPC.
    from fermataclient.osc.client import Client, SessionToken

    target = _endpoint(instance)
    if not target:
        raise exceptions.CommandError(
            f"the catalog has no endpoint of the service type {SERVICE_TYPE}; name one by --os-maintenance-endpoint"
        )
    verify, certificate = instance.session.verify, instance.session.cert
    if verify is False and target.startswith("https:"):
        raise exceptions.CommandError("--insecure is not possible with Fermata; name the CA by --os-cacert")
    own, key = certificate if isinstance(certificate, tuple) else (certificate, certificate)
    return Client(
        target,
        SessionToken(instance.session),
        ca=verify if isinstance(verify, str) else None,
        certificate=own,
        key=key,
        project_id=_project(instance),
    )


def _endpoint(instance: Any) -> str | None:
    config = instance.get_configuration()
    # Of clouds.yaml, where each service may have its `…_endpoint_override`.
    if named := config.get("maintenance_endpoint") or config.get("maintenance_endpoint_override"):
        return str(named)
    try:
        found: str | None = instance.get_endpoint_for_service_type(
            SERVICE_TYPE, region_name=instance.region_name, interface=instance.interface
        )
    except EndpointNotFound:
        return None
    return found


def _project(instance: Any) -> str | None:
    """The project of the session. None: it has none."""
    access = instance.auth_ref
    found: str | None = access.project_id if access else None
    return found
