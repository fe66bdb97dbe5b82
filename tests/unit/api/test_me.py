"""What a client is told there is for whoever asks."""

from tests.house.machine import Machine


def test_what_this_server_takes_in_is_told(machine: Machine) -> None:
    features = machine.call("GET", "/me", by=machine.person("user")).json["features"]
    told = {name: features[name] for name in ("websites", "feeds", "sources", "attachments", "createWorkspaces")}
    assert told == {
        "websites": True, "feeds": True, "sources": True, "attachments": False, "createWorkspaces": False,
    }  # fmt: skip
