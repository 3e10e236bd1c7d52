"""A Fermata on a simulated cloud, for the tests of owners and operators.

    from fermata.testing import SimulatedFermata

    async def test_my_vnfm_keeps_its_databases() -> None:
        with SimulatedFermata() as server:
            async with server.running(my_vnfm.owner):
                report = await server.maintain("compute-a1")
        assert {server.action for server in report.hosts[0].servers} == {KEEP}

With pytest there is a fixture, `simulated_fermata`. The program is `FERMATA_BIN`, else `fermata` on the PATH.
"""

from fermata.testing.cloud import CloudRefused, SimulatedCloud
from fermata.testing.process import Process, find_program
from fermata.testing.server import CORE_NETWORK, IMS, SITE, SimulatedFermata
from fermata.testing.waiting import PATIENCE, until

__all__ = [
    "CORE_NETWORK",
    "IMS",
    "PATIENCE",
    "SITE",
    "CloudRefused",
    "Process",
    "SimulatedCloud",
    "SimulatedFermata",
    "find_program",
    "until",
]
