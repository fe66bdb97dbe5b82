"""What an administrator does with people."""

from uuid import uuid4

import pytest
from tests.acceptance.client import User
from tests.acceptance.target import Target


@pytest.fixture
def one_machine(target: Target) -> None:
    """PROTOCOL.md has the calls under /users on one machine only: on AWS the user pool has the people."""
    if not target.is_one_machine:
        pytest.skip("one machine only; see test_on_aws_the_user_pool_has_the_people")


async def test_everybody_sees_who_they_are(ada: User) -> None:
    reply = await ada.get("me")
    assert reply.status == 200
    assert reply.body["user"]["name"] == "ada"
    assert {"quota", "features"} <= reply.body.keys()


async def test_on_aws_the_user_pool_has_the_people(admin: User, target: Target) -> None:
    if target.is_one_machine:
        pytest.skip("one machine has its people itself; `make deploy-emulated` runs this")
    for reply in (
        await admin.post("users", {"userName": "zoe", "roles": ["user"]}),
        await admin.patch("users/ben", {"roles": ["manager"]}),
        await admin.delete("users/ben"),
    ):
        assert reply.status == 501
        assert "user pool" in reply.body["detail"]
    assert {"admin", "ada", "ben", "eve"} <= {one["userName"] for one in (await admin.get("users", limit=100)).items}


@pytest.mark.usefixtures("one_machine")
async def test_an_administrator_adds_changes_and_removes_people(admin: User) -> None:
    name = f"user-{uuid4().hex[:8]}"
    added = await admin.post("users", {"userName": name, "roles": ["user"]})
    assert added.status == 201, added.text
    assert (await admin.post("users", {"userName": name, "roles": ["user"]})).status == 409
    changed = await admin.patch(f"users/{name}", {"roles": ["manager"]})
    assert changed.status == 200
    assert changed.body["roles"] == ["manager"]
    assert name in [one["userName"] for one in (await admin.get("users", limit=100)).items]
    assert (await admin.delete(f"users/{name}")).status in (200, 204)
    assert (await admin.patch(f"users/{name}", {"roles": ["user"]})).status == 404


async def test_nobody_else_manages_people(ada: User, ben: User) -> None:
    for user in (ada, ben):
        assert (await user.get("users")).status == 403
        assert (await user.post("users", {"userName": "mallory", "roles": ["admin"]})).status == 403
        assert (await user.patch(f"users/{user.name}", {"roles": ["admin"]})).status == 403
        assert (await user.delete("users/admin")).status == 403


@pytest.mark.usefixtures("one_machine")
async def test_the_last_administrator_stays(admin: User) -> None:
    assert (await admin.delete("users/admin")).status == 409
    assert (await admin.patch("users/admin", {"roles": ["user"]})).status == 409


async def test_a_role_that_is_none_is_refused(admin: User) -> None:
    assert (await admin.post("users", {"userName": "zoe", "roles": ["god"]})).status == 422
    assert (await admin.post("users", {"userName": "a b\n", "roles": ["user"]})).status == 422
