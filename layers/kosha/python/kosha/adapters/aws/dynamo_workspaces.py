"""Workspaces and grants in DynamoDB.

One partition a workspace: `workspace` (with the number of its owners, so that a condition can guard the last one),
`grant:<user id>` each, and `counts`, which moves with the documents (`dynamo_documents`). Beside them a partition each
for those who were ever given a grant (`dynamo_people`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import uuid4

from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo import CROWDED, DynamoTable, Write
from kosha.adapters.aws.dynamo_people import IN_WORKSPACES, KnownPeople
from kosha.adapters.aws.items import Item, is_key
from kosha.adapters.aws.patience import attempts
from kosha.adapters.cursors import read_cursor, write_cursor
from kosha.adapters.storable import storable, to_json
from kosha.errors import Conflict, NotFound, Unavailable
from kosha.model.page import Page, PageOf
from kosha.model.record import rfc3339
from kosha.model.user import Grant, Member, User
from kosha.model.workspace import Workspace
from kosha.ports import Counts, Users

_NAME_CHARACTERS = 200  # at most 800 bytes: with the id a sort key; longer names would only share a place in lists


class DynamoWorkspaces:
    """Fits the ports `Workspaces` and `Holdings`.

    Lists are made of indexes: what was added a second ago may not be in them yet.
    users: tells the present names of members. documents_table: emptied with a workspace.
    """

    def __init__(
        self,
        client: DynamoDb,
        *,
        table: str,
        documents_table: str,
        users: Users,
        now: Callable[[], datetime],
    ) -> None:
        self._table = DynamoTable(client, table)
        self._documents = DynamoTable(client, documents_table)
        self._people = KnownPeople(self._table, IN_WORKSPACES, now)
        self._users = users
        self._now = now

    def add(self, workspace: Workspace, owner: User) -> None:
        """Keep a new workspace and its owner's grant together. Conflict if the id is taken."""
        self._people.note(owner.id)
        written_by = str(uuid4())
        item = {
            **_key(workspace.id),
            "created_at": rfc3339(workspace.created_at),
            "sort_name": _sort_name(workspace),
            "owners": 1,
            "written_by": written_by,
            "record": to_json(workspace),
        }
        writes = [
            self._table.putting(item, "attribute_not_exists(#object_type)"),
            self._table.putting(self._grant_item(workspace.id, owner.id, "owner")),
        ]
        if self._table.transact(writes) and not self._is_written(workspace.id, written_by):
            raise Conflict(f"There is a workspace {workspace.id!r} already.")

    def get(self, workspace_id: str) -> Workspace:
        """Raises NotFound."""
        item = self._table.get(_key(workspace_id))
        if item is None:
            raise NotFound("workspace", workspace_id)
        return _workspace(item)

    def seen_by(self, workspace_id: str, user_id: str) -> tuple[Workspace, Grant | None]:
        """The workspace and what the user may do in it, at once. Raises NotFound."""
        item, grant = self._with_grant(workspace_id, user_id)
        return _workspace(item), None if grant is None else grant["grant"]

    def put(self, workspace: Workspace) -> None:
        """Replace what is kept of it. Raises NotFound."""
        values = {"record": to_json(workspace), "sort_name": _sort_name(workspace)}
        change = "SET #record = :record, #sort_name = :sort_name"
        condition = "attribute_exists(#object_type)"
        if self._table.update(_key(workspace.id), change, condition=condition, values=values) is None:
            raise NotFound("workspace", workspace.id)

    def remove(self, workspace_id: str) -> None:
        """Forget it with its grants, counts and documents; nothing happens where it is gone.

        The workspace itself goes after the rest, so that a removal that broke off can be made again. A grant that was
        given meanwhile goes last: without the workspace none can be given.
        """
        for table in (self._documents, self._table):
            keys = [_key_of(item) for item in _everything(table, workspace_id)]
            table.delete_many([key for key in keys if key != _key(workspace_id)])
        self._table.delete(_key(workspace_id))
        self._table.delete_many([_key_of(item) for item in _everything(self._table, workspace_id)])

    def of(self, user_id: str, page: PageOf) -> Page[tuple[Workspace, Grant]]:
        """The workspaces a user has a grant of, by name. Raises Invalid for a malformed cursor.

        Reads all of them for every page: they are as many as one person works in, and a renamed workspace need not
        touch the grants of its members.
        """
        after = _after(page.cursor)
        workspace_ids = [grant["workspace_id"] for grant in self._grants_of(user_id)]
        keys = [_key(each, kind) for each in workspace_ids for kind in ("workspace", f"grant:{user_id}")]
        items = self._table.get_many(keys)
        grants: dict[str, Grant] = {item["workspace_id"]: item["grant"] for item in items if "grant" in item}
        listed = [item for item in items if "sort_name" in item and item["workspace_id"] in grants]
        rest = sorted((item for item in listed if item["sort_name"] > after), key=lambda item: item["sort_name"])
        held: list[tuple[Workspace, Grant]] = [
            (_workspace(item), grants[item["workspace_id"]]) for item in rest[: page.limit]
        ]
        return Page(held, _cursor(held[-1][0]) if len(rest) > page.limit else None)

    def all(self, page: PageOf) -> Page[Workspace]:
        """Every workspace, by name. Raises Invalid for a malformed cursor."""
        condition, values = "#object_type = :workspace", {"workspace": "workspace"}
        if page.cursor is not None:
            condition += " AND #sort_name > :after"
            values["after"] = _after(page.cursor)
        listed = self._table.query(condition, values, index="by_name", limit=page.limit + 1).items
        place = {item["workspace_id"]: item["sort_name"] for item in listed[: page.limit]}
        items = self._table.get_many([_key(workspace_id) for workspace_id in place])
        items.sort(key=lambda item: place[item["workspace_id"]])
        next_cursor = None
        if len(listed) > page.limit:
            name, _, last_id = listed[page.limit - 1]["sort_name"].partition(_SEPARATOR)
            next_cursor = write_cursor(name, last_id)
        return Page([_workspace(item) for item in items], next_cursor)

    def grant_of(self, workspace_id: str, user_id: str) -> Grant | None:
        """None where the user has none, or the workspace is not there."""
        item = self._table.get(_key(workspace_id, f"grant:{user_id}"))
        return None if item is None else item["grant"]

    def members(self, workspace_id: str) -> list[Member]:
        """Who has a grant, by name; one whom the user pool no longer knows by the id."""
        named = [
            Member(user_name=self._name(item["user_id"]), grant=item["grant"]) for item in self._members(workspace_id)
        ]
        return sorted(named, key=lambda member: member.user_name)

    def set_grant(self, workspace_id: str, user_id: str, grant: Grant) -> None:
        """Raises NotFound, and Conflict rather than leave a workspace without an owner."""
        if not is_key(user_id):
            raise NotFound("user", user_id)
        self._people.note(user_id)  # before the grant: of nobody is more kept than is known
        self._change_grant(workspace_id, user_id, grant)

    def remove_grant(self, workspace_id: str, user_id: str) -> None:
        """Raises NotFound, and Conflict rather than leave a workspace without an owner."""
        self._change_grant(workspace_id, user_id, None)

    def unseen(self, since: datetime, limit: int) -> list[str]:
        """Ids of people who may have grants and were not seen since then, longest ago first."""
        return self._people.unseen(since, limit)

    def seen(self, user_id: str) -> None:
        """They are still there."""
        self._people.note(user_id)

    def forget_user(self, user_id: str) -> bool:
        """Remove the grants of a user who is gone, also the last owner's: an administrator names a new one."""
        for grant in self._grants_of(user_id):
            try:
                self._change_grant(grant["workspace_id"], user_id, None, needs_owner=False)
            except NotFound:
                self._table.delete(_key_of(grant))
        self._people.forget(user_id)
        return True

    def counts(self, workspace_ids: Sequence[str]) -> dict[str, Counts]:
        """What each holds, the pages of sites included; one that holds nothing is absent."""
        items = self._table.get_many([_key(workspace_id, "counts") for workspace_id in workspace_ids])
        return {
            item["workspace_id"]: Counts(item["documents"], item["vectors"], item["size_bytes"])
            for item in items
            if item["documents"]
        }

    def _change_grant(self, workspace_id: str, user_id: str, grant: Grant | None, *, needs_owner: bool = True) -> None:
        """The number of owners moves with the grant; who reads an older state than he would change reads again."""
        for _ in attempts():
            workspace, kept = self._with_grant(workspace_id, user_id)
            was: Grant | None = kept["grant"] if kept else None
            if was == grant:
                return
            owners = (grant == "owner") - (was == "owner")
            if owners < 0 and needs_owner and workspace["owners"] < 2:
                raise Conflict("A workspace needs an owner. Make somebody else an owner first.")
            values = {"change": owners, "owners": workspace["owners"]}
            count = self._table.updating(_key(workspace_id), "ADD #owners :change", "#owners = :owners", values)
            if not self._table.transact([count, self._granting(workspace_id, user_id, was, grant)]):
                return
        raise Unavailable(CROWDED)

    def _granting(self, workspace_id: str, user_id: str, was: Grant | None, grant: Grant | None) -> Write:
        """The write that turns one grant into another, or into none, if it is still the first."""
        condition = "#grant = :was" if was else "attribute_not_exists(#grant)"
        values = {"was": was} if was else None
        if grant is None:
            return self._table.deleting(_key(workspace_id, f"grant:{user_id}"), condition, values)
        return self._table.putting(self._grant_item(workspace_id, user_id, grant), condition, values)

    def _grant_item(self, workspace_id: str, user_id: str, grant: Grant) -> Item:
        key = _key(workspace_id, f"grant:{user_id}")
        return {**key, "user_id": user_id, "grant": grant, "created_at": rfc3339(self._now())}

    def _with_grant(self, workspace_id: str, user_id: str) -> tuple[Item, Item | None]:
        """The item of the workspace and that of the user's grant. Raises NotFound."""
        items = self._table.get_many([_key(workspace_id), _key(workspace_id, f"grant:{user_id}")])
        found = {item["object_type"]: item for item in items}
        workspace = found.pop("workspace", None)
        if workspace is None:
            raise NotFound("workspace", workspace_id)
        return workspace, next(iter(found.values()), None)

    def _is_written(self, workspace_id: str, written_by: str) -> bool:
        """Whether this call wrote it: a request whose reply was lost is sent again and finds its own work."""
        item = self._table.get(_key(workspace_id))
        return item is not None and item["written_by"] == written_by

    def _members(self, workspace_id: str) -> Iterator[Item]:
        condition = "#workspace_id = :workspace_id AND begins_with(#object_type, :grant)"
        return self._table.every(condition, {"workspace_id": workspace_id, "grant": "grant:"})

    def _grants_of(self, user_id: str) -> Iterator[Item]:
        """The keys of a user's grants."""
        return self._table.every("#object_type = :grant", {"grant": f"grant:{user_id}"}, index="by_object_type")

    def _name(self, user_id: str) -> str:
        try:
            return self._users.get(user_id).name
        except NotFound:
            return user_id


_SEPARATOR = "\x01"  # sorts before every character of a name, as a shorter name sorts before a longer one


def _key(workspace_id: str, object_type: str = "workspace") -> Item:
    return {"workspace_id": workspace_id, "object_type": object_type}


def _key_of(item: Item) -> Item:
    sort_key = "object_type" if "object_type" in item else "document_id"
    return {"workspace_id": item["workspace_id"], sort_key: item[sort_key]}


def _everything(table: DynamoTable, workspace_id: str) -> Iterator[Item]:
    return table.every("#workspace_id = :workspace_id", {"workspace_id": workspace_id})


def _workspace(item: Item) -> Workspace:
    return Workspace.model_validate_json(item["record"])


def _sort_name(workspace: Workspace) -> str:
    """By small letters as PostgreSQL has them, in the order of code points, then by id."""
    return _placed(workspace.name, workspace.id)


def _placed(name: str, last_id: str) -> str:
    return f"{storable(name.lower())[:_NAME_CHARACTERS]}{_SEPARATOR}{last_id}"


def _cursor(workspace: Workspace) -> str:
    return write_cursor(workspace.name.lower(), workspace.id)


def _after(cursor: str | None) -> str:
    return "" if cursor is None else _placed(*read_cursor(cursor))
