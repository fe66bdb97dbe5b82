"""The contract of the port `Replies`."""

from functools import partial

import pytest
from tests.contracts.races import at_once
from tests.contracts.store import Store

from kosha.errors import Conflict, Invalid
from kosha.ports import Replies, StoredReply


def test_a_kept_reply_is_given_again(replies: Replies) -> None:
    assert replies.begin("ada", "key", "digest") is None
    replies.keep("ada", "key", StoredReply(201, '{"id": "🙂"}'))
    assert replies.begin("ada", "key", "digest") == StoredReply(201, '{"id": "🙂"}')


def test_keys_are_a_users_own(replies: Replies) -> None:
    assert replies.begin("ada", "key", "digest") is None
    assert replies.begin("bob", "key", "another digest") is None


def test_a_key_in_progress_is_a_conflict(replies: Replies) -> None:
    replies.begin("ada", "key", "digest")
    with pytest.raises(Conflict):
        replies.begin("ada", "key", "digest")


def test_a_key_of_another_request_is_invalid(replies: Replies) -> None:
    replies.begin("ada", "key", "digest")
    with pytest.raises(Invalid):
        replies.begin("ada", "key", "another digest")
    replies.keep("ada", "key", StoredReply(201, "{}"))
    with pytest.raises(Invalid):
        replies.begin("ada", "key", "another digest")


def test_of_calls_with_one_key_at_once_one_runs(replies: Replies) -> None:
    outcomes = at_once([partial(replies.begin, "ada", "key", "digest")] * 6)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 5 + ["NoneType"]


def test_a_forgotten_key_is_new_and_a_kept_reply_is_not_forgotten(replies: Replies) -> None:
    replies.begin("ada", "key", "digest")
    replies.forget("ada", "key")
    assert replies.begin("ada", "key", "another digest") is None
    replies.keep("ada", "key", StoredReply(200, "{}"))
    replies.forget("ada", "key")
    assert replies.begin("ada", "key", "another digest") == StoredReply(200, "{}")


def test_a_key_whose_call_died_can_be_begun_again(store: Store) -> None:
    store.replies.begin("ada", "key", "digest")
    store.pass_seconds(121)
    assert store.replies.begin("ada", "key", "digest") is None


def test_a_reply_is_kept_for_a_day(store: Store) -> None:
    store.replies.begin("ada", "key", "digest")
    store.replies.keep("ada", "key", StoredReply(201, "{}"))
    store.pass_seconds(23 * 3600)
    assert store.replies.begin("ada", "key", "digest") == StoredReply(201, "{}")
    store.pass_seconds(2 * 3600)
    assert store.replies.begin("ada", "key", "another digest") is None


def test_keys_and_bodies_of_any_text_are_kept(replies: Replies) -> None:
    assert replies.begin("ada", "k\x00\ud800", "digest") is None
    replies.keep("ada", "k\x00\ud800", StoredReply(201, "b\x00"))
    assert replies.begin("ada", "k\x00\ud800", "digest") == StoredReply(201, "b\ufffd")
