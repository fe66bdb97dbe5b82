"""The table of who may do what."""

from datetime import UTC, datetime
from typing import Any, cast, get_args

import pytest

from kosha.access import OFFICES, RULES, Verb, allow, may, require
from kosha.errors import Forbidden, NotFound
from kosha.model.user import Caller, Grant, Role, User
from kosha.model.workspace import Workspace
from kosha.ports import Workspaces

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HANDBOOK = Workspace(
    id="handbook",
    name="Handbook",
    embeddings_model_provider="none",
    embeddings_model_name="none",
    embeddings_model_dimensions=0,
    created_at=NOW,
    updated_at=NOW,
)
READS: tuple[Verb, ...] = ("read", "search", "ask")


class Grants:
    """The part of `Workspaces` that the table looks at."""

    def __init__(self, grant: Grant | None) -> None:
        self._grant = grant

    def seen_by(self, workspace_id: str, user_id: str) -> tuple[Workspace, Grant | None]:
        if workspace_id != HANDBOOK.id:
            raise NotFound("workspace", workspace_id)
        return HANDBOOK, self._grant


def somebody(*roles: Role) -> Caller:
    return Caller(user=User(id="u", name="ada", roles=roles or ("user",)))


def outcome(caller: Caller, verb: Verb, grant: Grant | None, workspace_id: str = HANDBOOK.id) -> str:
    try:
        allow(caller, verb, workspace_id, cast("Workspaces", cast("Any", Grants(grant))))
    except (NotFound, Forbidden) as error:
        return type(error).__name__
    return "allowed"


@pytest.mark.parametrize("verb", get_args(Verb))
@pytest.mark.parametrize("role", ["manager", "user"])
def test_without_a_grant_a_workspace_is_not_there(verb: Verb, role: Role) -> None:
    assert outcome(somebody(role), verb, None) == "NotFound"
    assert outcome(somebody(role), verb, None, "another") == "NotFound"


@pytest.mark.parametrize("verb", get_args(Verb))
@pytest.mark.parametrize("grant", get_args(Grant))
def test_a_grant_allows_what_the_table_says_and_no_more(verb: Verb, grant: Grant) -> None:
    rank = {"viewer": 1, "editor": 2, "owner": 3}
    is_enough = rank[grant] >= rank[RULES[verb].grant]
    assert outcome(somebody(), verb, grant) == ("allowed" if is_enough else "Forbidden")


def test_viewers_read_editors_write_and_owners_decide() -> None:
    least = {verb: rule.grant for verb, rule in RULES.items()}
    assert {verb for verb, grant in least.items() if grant == "viewer"} == {"see", *READS}
    assert {verb for verb, grant in least.items() if grant == "editor"} == {"write"}
    assert {verb for verb, grant in least.items() if grant == "owner"} == {"configure", "share", "remove"}


def test_an_administrator_sees_and_shares_a_workspace_but_reads_nothing_of_it() -> None:
    allowed = {verb for verb in get_args(Verb) if outcome(somebody("admin"), verb, None) == "allowed"}
    assert allowed == {"see", "share"}
    assert all(outcome(somebody("admin"), verb, None) == "Forbidden" for verb in READS)


def test_an_administrator_is_told_that_a_workspace_is_not_there() -> None:
    assert outcome(somebody("admin"), "see", None, "another") == "NotFound"


def test_a_refusal_names_the_grant_that_is_needed_and_the_one_that_is_held() -> None:
    with pytest.raises(Forbidden, match=r"takes the grant editor; your grant is viewer"):
        allow(somebody(), "write", HANDBOOK.id, cast("Workspaces", cast("Any", Grants("viewer"))))


def test_managers_create_workspaces_and_administrators_do_everything_that_needs_a_role() -> None:
    assert all(may(somebody("admin"), office) for office in OFFICES)
    assert [office for office in OFFICES if may(somebody("manager"), office)] == ["create workspaces"]
    assert not any(may(somebody("user"), office) for office in OFFICES)


def test_a_role_that_is_missing_is_named() -> None:
    with pytest.raises(Forbidden, match="takes the role admin or manager; yours: user"):
        require(somebody(), "create workspaces")
