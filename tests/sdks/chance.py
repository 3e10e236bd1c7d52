"""Random scenarios: the same seed gives the same one."""

import random

from sdks.maintenance import Terms
from sdks.scenario import Expected, Scenario
from sdks.topology import Site

# How often harm is done.
HARMS = 4
# Each leaves everything as it was, but for what was done to connections and programs.
_SERVER = [
    ["server stop", "server start"],
    ["server kill", "server start"],
    ["server stop", "pause 0.3 1.5", "server start"],
    ["server kill", "pause 0.3 1.5", "server start"],
]
_LINK = [
    ["link reset"],
    ["link close"],
    ["link cut {bytes}"],
    ["link slow 0.05"],
    ["link silence", "pause 0.5 4.5", "link mend"],
    ["link silence down", "pause 0.5 4.5", "link reset", "link mend"],
    ["link silence up", "pause 0.5 4.5", "link mend"],
    ["link stall", "pause 0.5 4.5", "link mend"],
    ["link refuse", "pause 0.3 2", "link mend"],
]
_PROGRAM = [["program kill", "program start {behaviour}"], ["program kill", "pause 0.2 1", "program start {behaviour}"]]
_FROZEN = [["program freeze", "pause 0.5 4.5", "program thaw"]]


def scenario(seed: int) -> Scenario:
    """The scenario of a seed."""
    chance = random.Random(f"{seed}/scenario")
    layer = chance.choice(["owner", "owner", "owner", "watch"])
    behaviour = chance.choice(["accept", "accept", "slow", "raise"])
    harms = [*_LINK, *_SERVER, *_FROZEN, *_PROGRAM]
    hosts = chance.randint(1, 3)
    steps = ["program start", "written kind=snapshot", "session"]
    for _ in range(HARMS):
        steps.append("pause 0 1.5")
        steps += [step.format(bytes=chance.randrange(1, 6000), behaviour=behaviour) for step in chance.choice(harms)]
    return Scenario(
        name=f"random-{seed}",
        says=f"{HARMS} kinds of harm by chance, {hosts} hosts, behaviour {behaviour}",
        steps=[step.split() for step in steps],
        layers=[layer],
        behaviour=behaviour,
        site=Site(hosts=hosts, servers=2),
        terms=Terms(reply_seconds=120, drain_seconds=120, metadata_kib=chance.choice([0, 0, 4, 60])),
        program={"slow-for": f"{chance.uniform(0.3, 2):.2f}"},
        # Nobody answers for a watch, so that deadlines decide: they are long enough for owners.
        expected=Expected(decided_by=["OWNER"] if layer == "owner" else []),
    )
