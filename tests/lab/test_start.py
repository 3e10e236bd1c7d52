"""What Fermata says and does when its cloud cannot be used as it starts."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from nova import Nova
from proxy import NovaProxy, clouds_file, knows_versions_up_to
from service import NOT_SERVING, SERVING, Fermata, free_port
from waiting import until


def assert_refuses(fermata: Fermata, *words: str) -> None:
    """It ends by itself, not with success, and its last words name the cause."""
    fermata.start()
    assert fermata.wait(seconds=30) != 0
    last_words = fermata.log()
    assert [word for word in words if word not in last_words] == [], last_words
    assert "panicked" not in last_words


def test_wrong_credentials_are_refused(new_fermata: Callable[..., Fermata], tmp_path: Path) -> None:
    """Credentials that Keystone refuses will not get better: Fermata ends and says so, without the secret."""
    secret = "not-the-secret"
    clouds = clouds_file(tmp_path, auth={"application_credential_secret": secret})
    fermata = new_fermata(clouds=clouds)
    assert_refuses(fermata, "the cloud cannot be used", "Keystone")
    assert secret not in fermata.log()


def test_a_cloud_that_is_not_in_the_file_is_refused(new_fermata: Callable[..., Fermata], tmp_path: Path) -> None:
    """A typo in the cloud's name is answered with the names there are."""
    clouds = tmp_path / "clouds.yaml"
    clouds.write_text("clouds: {north: {auth: {auth_url: 'http://127.0.0.1:1/v3'}}}\n")
    assert_refuses(new_fermata(clouds=clouds), "app-admin", "north")


def test_a_tenants_role_is_refused(new_fermata: Callable[..., Fermata]) -> None:
    """Credentials that are good but may not see the compute services are of no use, and Fermata says so."""
    assert_refuses(new_fermata(cloud="app-a"), "the cloud cannot be used", "403")


def test_a_nova_that_is_too_old_is_refused(
    connections: Nova, new_fermata: Callable[..., Fermata], tmp_path: Path
) -> None:
    """Both versions are named: the one that is needed and those that are there."""
    proxy = NovaProxy(connections.compute.get_endpoint(), free_port())
    proxy.answer_itself = knows_versions_up_to("2.60")
    try:
        fermata = new_fermata(clouds=clouds_file(tmp_path, compute_endpoint_override=proxy.url))
        assert_refuses(fermata, "the cloud cannot be used", "2.69", "2.60")
    finally:
        proxy.stop()


@pytest.mark.parametrize("away", ["keystone", "nova"])
def test_a_cloud_that_is_away_is_waited_for(
    connections: Nova, new_fermata: Callable[..., Fermata], tmp_path: Path, away: str
) -> None:
    """Fermata listens, says NOT_SERVING and why, and is SERVING as soon as the cloud answers."""
    port = free_port()
    if away == "nova":
        url = connections.compute.get_endpoint()
        clouds = clouds_file(tmp_path, compute_endpoint_override=f"http://127.0.0.1:{port}/v2.1")
    else:
        url = connections.admin.config.auth["auth_url"]
        clouds = clouds_file(tmp_path, auth={"auth_url": f"http://127.0.0.1:{port}/v3"})
    fermata = new_fermata(clouds=clouds)
    fermata.start()
    until("Fermata to listen", lambda: fermata.health() == NOT_SERVING, seconds=15)
    until("Fermata to say why", lambda: "the cloud is not there yet" in fermata.log(), seconds=15)
    assert fermata.health() == NOT_SERVING
    assert requests.get(fermata.metrics_url.replace("/metrics", "/readyz"), timeout=5).status_code == 503

    proxy = NovaProxy(url, port)
    try:
        until("Fermata to be SERVING", lambda: fermata.health() == SERVING, seconds=20)
        assert requests.get(fermata.metrics_url.replace("/metrics", "/readyz"), timeout=5).status_code == 200
        assert fermata.terminate() == 0
    finally:
        proxy.stop()
    assert not fermata.errors()


def test_waiting_for_a_cloud_can_be_ended(new_fermata: Callable[..., Fermata], tmp_path: Path) -> None:
    """SIGTERM ends a Fermata that still waits for its cloud, in good order and soon."""
    fermata = new_fermata(clouds=clouds_file(tmp_path, auth={"auth_url": f"http://127.0.0.1:{free_port()}/v3"}))
    fermata.start()
    until("Fermata to wait for its cloud", lambda: "the cloud is not there yet" in fermata.log(), seconds=15)
    assert fermata.terminate() == 0
