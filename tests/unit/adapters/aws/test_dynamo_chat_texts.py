"""Texts that are too long for one item."""

from tests.contracts.aws import DynamoStore

from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.dynamo_chat_texts import PART_BYTES, Texts


def texts(store: DynamoStore) -> Texts:
    return Texts(DynamoTable(store.client, "turns"), {"turn_id": "ada#1"}, "part#")


def test_a_short_text_stands_in_its_item(store: DynamoStore) -> None:
    text = "x" * PART_BYTES
    assert texts(store).kept(text, "answer") == ({"text": text}, ())


def test_a_long_text_is_cut_between_characters_and_comes_back_whole(store: DynamoStore) -> None:
    text = "x" + "🙂ü" * 150_000  # 900 kB whose cuts fall into characters
    kept = texts(store).kept(text, "answer")
    assert [len(part["text"].encode()) <= PART_BYTES for part in kept.parts] == [True] * 3
    texts(store).write_parts(kept)
    assert texts(store).read(kept.attributes) == text


def test_a_text_whose_parts_are_gone_is_none(store: DynamoStore) -> None:
    kept = texts(store).kept("x" * 2 * PART_BYTES, "answer")
    texts(store).write_parts(kept)
    texts(store).remove_parts_named("answer")
    assert texts(store).read(kept.attributes) is None


def test_a_text_that_was_replaced_while_it_was_read_is_read_again(store: DynamoStore) -> None:
    old = texts(store).kept("x" * 2 * PART_BYTES, "answer")
    key = {"turn_id": "ada#1", "sort_key": "end"}
    texts(store).table.put({**key, "text": "new"})
    assert texts(store).at(key, {**key, **old.attributes}) == "new"
