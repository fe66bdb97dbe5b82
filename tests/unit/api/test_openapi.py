"""The OpenAPI document in the repository is the one that the code makes."""

import json
import re
from pathlib import Path

from kosha.api import openapi

COMMITTED = Path(__file__).parents[3] / "openapi.json"


def test_openapi_json_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.text(), "python -m kosha.api.openapi > openapi.json"


def test_it_holds_the_frames_of_the_socket_and_the_nouns_of_the_sign_in() -> None:
    schemas = openapi.document()["components"]["schemas"]
    frames = {"RunData", "StopData", "ResumeData", "AcceptedData", "ThinkingData", "TokenData", "FinalData"}
    assert frames | {"ErrorData", "Citation", "Hit", "SignedIn", "Login", "Problem"} <= schemas.keys()


def test_every_reference_leads_somewhere() -> None:
    text = openapi.text()
    schemas = json.loads(text)["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/([\w-]+)", text)) <= schemas.keys()


def test_a_reply_tells_which_of_its_fields_are_always_there() -> None:
    schemas = openapi.document()["components"]["schemas"]
    assert "parentId" not in schemas["Document"]["required"]
    assert {"id", "status", "warnings"} <= set(schemas["Document"]["required"])
    assert schemas["WorkspaceList"]["required"] == ["items", "nextCursor"]


def test_a_request_needs_only_what_has_no_default() -> None:
    """Generators of types take a field with a default for one that is always there, so none is said to have one."""
    settings = openapi.document()["components"]["schemas"]["WorkspaceSettings"]
    assert settings["required"] == ["name"]
    assert not any("default" in field for field in settings["properties"].values())
    assert settings["properties"]["chunkSize"]["description"] == "Default: 1000."
