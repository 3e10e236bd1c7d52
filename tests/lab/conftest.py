"""Fixtures: a clean lab, and a Fermata that works on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest

import nova as lab
from client import Operator, Owner
from nova import Nova
from proxy import NovaProxy, clouds_file
from service import Fermata, free_port


@pytest.fixture(scope="session")
def connections() -> Nova:
    return Nova()


@pytest.fixture
def nova(connections: Nova) -> Nova:
    """The lab without servers and faults, all hosts enabled."""
    lab.reset()
    return connections


@pytest.fixture
def new_fermata(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Fermata]]:
    """Makes Fermata processes, not started yet, that end with the test; arguments as for `Fermata`."""
    with ExitStack() as stack:

        def make(**options: object) -> Fermata:
            fermata = Fermata(tmp_path, **options)
            stack.callback(fermata.close)
            request.node.fermata = fermata
            return fermata

        yield make


@pytest.fixture
def fermata(nova: Nova, new_fermata: Callable[..., Fermata]) -> Iterator[Fermata]:
    """A Fermata that is SERVING. At the end its log must not tell of a fault in Fermata itself."""
    fermata = new_fermata()
    fermata.start_and_wait()
    yield fermata
    fermata.close()
    assert not fermata.errors()


@pytest.fixture
def proxy(nova: Nova) -> Iterator[NovaProxy]:
    """A proxy in front of Nova."""
    proxy = NovaProxy(nova.compute.get_endpoint(), free_port())
    yield proxy
    proxy.stop()


@pytest.fixture
def proxied(new_fermata: Callable[..., Fermata], proxy: NovaProxy, tmp_path: Path) -> Iterator[Fermata]:
    """As `fermata`, but reaching Nova through the proxy."""
    fermata = new_fermata(clouds=clouds_file(tmp_path, compute_endpoint_override=proxy.url))
    fermata.start_and_wait()
    yield fermata
    fermata.close()
    assert not fermata.errors()


@pytest.fixture
def channel(fermata: Fermata) -> Iterator[grpc.Channel]:
    with fermata.channel() as channel:
        yield channel


@pytest.fixture
def operator(channel: grpc.Channel) -> Operator:
    return Operator(channel)


@pytest.fixture
def new_owner(nova: Nova, channel: grpc.Channel) -> Iterator[Callable[..., Owner]]:
    """Makes owners: new_owner("alpha", decide). They leave with the test."""
    with ExitStack() as stack:

        def make(tenant: str, decide: Callable[..., object] | None = None) -> Owner:
            owner = Owner(channel, nova.project[tenant], decide)
            stack.callback(owner.leave)
            return owner

        yield make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
    """Shows the end of Fermata's log beside a failure."""
    report = yield
    fermata = getattr(item, "fermata", None)
    if report.failed and fermata:
        report.sections.append(("Fermata's log, its end", "\n".join(fermata.log().splitlines()[-60:])))
    return report
