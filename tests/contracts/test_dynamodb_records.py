"""What records in DynamoDB promise beyond the ports: nothing left behind, bounded reads, and its own limits."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.contracts.aws import Clock, DynamoClients, DynamoStore
from tests.contracts.examples import NOON, a_document, a_user, a_workspace, an_account, new_id

from kosha.adapters.aws.dynamo_documents import DynamoDocuments
from kosha.adapters.aws.tables import TABLES
from kosha.adapters.cursors import write_cursor
from kosha.errors import Conflict, Invalid, NotFound, TooLarge
from kosha.model.page import PageOf
from kosha.ports import Counts, StoredReply

ADA, BOB = a_user("ada"), a_user("bob")


@pytest.fixture
def store(dynamodb: DynamoClients) -> DynamoStore:
    return DynamoStore(dynamodb.emptied(), Clock())


class Counted:
    """A client that counts what it is asked."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.calls[name] += 1
        return getattr(self._client, name)


def test_a_removed_workspace_leaves_no_item(store: DynamoStore) -> None:
    workspace = a_workspace()
    store.workspaces.add(workspace, ADA)
    for user in range(60):
        store.workspaces.set_grant(workspace.id, f"user-{user}", "viewer")
        store.documents.add(a_document(workspace.id, vectors=1))
    store.workspaces.remove(workspace.id)
    assert store.items() == []


def test_a_document_that_is_removed_after_its_workspace_leaves_no_counts(store: DynamoStore) -> None:
    workspace = a_workspace()
    store.workspaces.add(workspace, ADA)
    store.workspaces.remove(workspace.id)
    document = a_document(workspace.id)
    store.documents.add(document)
    store.client.delete_item(
        TableName="workspaces", Key={"workspace_id": {"S": workspace.id}, "object_type": {"S": "counts"}}
    )
    store.documents.remove(workspace.id, document.id)
    assert store.items() == []


def test_a_user_who_is_gone_leaves_no_grant_and_a_workspace_may_be_given_an_owner_again(store: DynamoStore) -> None:
    own, shared = a_workspace(), a_workspace()
    store.workspaces.add(own, ADA)
    store.workspaces.add(shared, BOB)
    store.workspaces.set_grant(shared.id, ADA.id, "editor")
    store.workspaces.forget_user(ADA.id)
    store.workspaces.forget_user(ADA.id)
    assert store.workspaces.of(ADA.id, PageOf()).items == []
    assert store.workspaces.members(own.id) == []
    store.workspaces.set_grant(own.id, BOB.id, "owner")
    with pytest.raises(Conflict):
        store.workspaces.remove_grant(own.id, BOB.id)


def test_a_member_whom_the_user_pool_renamed_or_forgot_is_listed_as_it_now_is(store: DynamoStore) -> None:
    account = an_account("zoe")
    store.know(account)
    workspace = a_workspace()
    store.workspaces.add(workspace, account.user)
    store.know(account.model_copy(update={"user": account.user.model_copy(update={"name": "zora"})}))
    assert [member.user_name for member in store.workspaces.members(workspace.id)] == ["zora"]
    store.pool.users.clear()
    assert [member.user_name for member in store.workspaces.members(workspace.id)] == [account.user.id]


def test_a_narrowed_list_looks_at_a_bounded_number_of_documents_and_goes_on_where_it_stopped(
    store: DynamoStore,
) -> None:
    home = new_id()
    for minute in range(30):
        status = "error" if minute == 0 else "processed"
        store.documents.add(a_document(home, status=status, created_at=NOON + timedelta(minutes=minute)))
    client = Counted(store.client)
    documents = DynamoDocuments(client, table="documents", workspaces_table="workspaces", looked_at=5)
    first = documents.of(home, PageOf(10), status="error")
    assert (first.items, client.calls["query"]) == ([], 4)
    second = documents.of(home, PageOf(10, first.next_cursor), status="error")
    assert [document.created_at for document in second.items] == [NOON]
    assert second.next_cursor is None


def test_a_plain_page_is_one_query_and_one_batch(store: DynamoStore) -> None:
    home = new_id()
    for _ in range(20):
        store.documents.add(a_document(home))
    client = Counted(store.client)
    DynamoDocuments(client, table="documents", workspaces_table="workspaces").of(home, PageOf(10))
    assert client.calls == {"query": 1, "batch_get_item": 1}


def test_progress_is_one_write_and_counts_nothing(store: DynamoStore) -> None:
    document = a_document(new_id())
    store.documents.add(document)
    client = Counted(store.client)
    documents = DynamoDocuments(client, table="documents", workspaces_table="workspaces")
    assert documents.replace(document, document.model_copy(update={"progress": 0.5}))
    assert client.calls == {"put_item": 1}


def test_more_than_an_item_holds_is_refused_in_words_and_nothing_is_counted(store: DynamoStore) -> None:
    document = a_document(new_id(), title="ü" * 200_000)
    with pytest.raises(TooLarge, match="one record holds 390,000"):
        store.documents.add(document)
    store.replies.begin("ada", "key", "digest")
    with pytest.raises(TooLarge):
        store.replies.keep("ada", "key", StoredReply(201, "x" * 400_000))
    assert store.workspaces.counts([document.workspace_id]) == {}
    largest = a_document(new_id(), title="x" * 380_000)
    store.documents.add(largest)
    assert store.documents.get(largest.workspace_id, largest.id) == largest


def test_an_id_that_is_longer_than_any_key_is_not_found(store: DynamoStore) -> None:
    long = "x" * 5000
    with pytest.raises(NotFound):
        store.workspaces.get(long)
    with pytest.raises(NotFound):
        store.documents.get(long, long)
    with pytest.raises(NotFound):
        store.workspaces.set_grant(long, long, "viewer")
    assert store.workspaces.grant_of(long, long) is None
    assert store.workspaces.of(long, PageOf()).items == []
    assert store.workspaces.counts([long]) == {}
    assert store.documents.of(long, PageOf(), parent_id=long).items == []
    store.documents.remove(long, long)
    store.workspaces.remove(long)


@pytest.mark.parametrize("id", ["", "x" * 1100])
def test_a_cursor_with_an_id_that_is_no_key_is_malformed(store: DynamoStore, id: str) -> None:
    with pytest.raises(Invalid):
        store.documents.of(new_id(), PageOf(10, write_cursor("2026-11-20T12:00:00Z", id)))


def test_every_call_with_a_key_of_a_user_has_an_end_that_the_service_removes(store: DynamoStore) -> None:
    store.replies.begin("ada", "key", "digest")
    [item] = store.items()
    assert TABLES["replies"].expires_at in item


def test_counts_of_more_workspaces_than_one_batch_takes(store: DynamoStore) -> None:
    homes = [new_id() for _ in range(130)]
    for home in homes[::2]:
        store.documents.add(a_document(home))
    counts = store.workspaces.counts(homes)
    assert counts == dict.fromkeys(homes[::2], Counts(documents=1))
