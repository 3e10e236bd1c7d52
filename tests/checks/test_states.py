"""Tests of what states.py finds: python3 -m unittest discover -s tests/checks"""

import unittest

import states


def as_drawn() -> dict:
    """A table that has an entry for every place, and every edge that is drawn."""
    table: dict = {}
    for kind in states.SETS:
        places = [{"at": at, "times": times, "from": [], "to": []} for at, times in states.places(kind).items()]
        edges = [{"at": places[0]["at"], "times": 0, "from": [start], "to": [end]} for start, end in states.diagram(kind)]
        table[kind] = places + edges
    return table


class CompareTest(unittest.TestCase):
    def test_what_agrees(self) -> None:
        self.assertEqual(states.compare(as_drawn()), [])

    def test_an_edge_that_is_not_drawn(self) -> None:
        table = as_drawn()
        table["host"].append({"at": table["host"][0]["at"], "times": 0, "from": ["RETIRED"], "to": ["WAITING"]})
        self.assertEqual(states.compare(table), ["host: RETIRED --> WAITING is not drawn"])

    def test_an_edge_that_no_code_makes(self) -> None:
        table = as_drawn()
        table["session"] = [place for place in table["session"] if place["to"] != ["FAILED"]]
        self.assertEqual(states.compare(table), ["session: RUNNING --> FAILED is drawn, and no code does it"])

    def test_a_place_without_an_entry(self) -> None:
        table = as_drawn()
        gone = table["server"].pop(0)["at"]
        edges = [entry | {"at": table["server"][0]["at"]} if entry["at"] == gone else entry for entry in table["server"]]
        self.assertEqual(states.compare(table | {"server": edges}), [f"server: {gone} sets a state; states.toml has no entry"])

    def test_an_entry_without_a_place(self) -> None:
        table = as_drawn()
        table["notification"].append({"at": "owners/replies.rs nothing", "from": [], "to": []})
        self.assertEqual(states.compare(table), ["notification: states.toml has owners/replies.rs nothing, which is not in the code"])


class LogTest(unittest.TestCase):
    def test_changes_in_a_log(self) -> None:
        server = {"message": "server state", "session_id": "1", "host": "a", "server_id": "x"}
        edges = states.edges_of([
            {"message": "host state", "host": "a", "from": "WAITING", "state": "DRAINING"},
            {"message": "session state", "from": "RUNNING", "state": "PAUSED"},
            {**server, "state": "OWN_ACTION"},
            {**server, "state": "IN_ACTION"},
            {"message": "ready"},
        ])  # fmt: skip
        self.assertEqual(edges["host"], {("WAITING", "DRAINING")})
        self.assertEqual(edges["session"], {("RUNNING", "PAUSED")})
        self.assertEqual(edges["server"], {("AFFECTED", "OWN_ACTION"), ("OWN_ACTION", "IN_ACTION")})

    def test_only_a_server_may_pass_through(self) -> None:
        drawn = {("OWN_ACTION", "AFFECTED"), ("AFFECTED", "IN_ACTION")}
        self.assertTrue(states.is_drawn("server", drawn, "OWN_ACTION", "IN_ACTION"))
        self.assertFalse(states.is_drawn("host", drawn, "OWN_ACTION", "IN_ACTION"))
        self.assertFalse(states.is_drawn("server", drawn, "IN_ACTION", "OWN_ACTION"))


if __name__ == "__main__":
    unittest.main()
