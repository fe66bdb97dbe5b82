"""Texts of any length: one that is too long for its item stands in further items, its parts, beside it.

An item's text is its attribute `text`, or the attributes `parts_id` and `parts`: the name and the number of its parts.
The parts are written before the item, under a name that is never used again, so whoever reads the item finds all of
them. Names of one answer begin alike, so that parts which no item came to name are found as well.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import uuid4

from kosha.adapters.aws.dynamo import DynamoTable
from kosha.adapters.aws.dynamo_chat_keys import Key
from kosha.adapters.aws.items import Item
from kosha.adapters.aws.patience import attempts

PART_BYTES = 350_000  # an item may have 400 KiB, its other attributes and their names included


class Text(NamedTuple):
    """How a text is kept: attributes of its item, and the parts to write before it."""

    attributes: Item
    parts: Sequence[Item] = ()


class Texts(NamedTuple):
    """The texts of a session or of a turn. part_prefix: how the sort keys of parts in its partition begin."""

    table: DynamoTable
    partition: Key
    part_prefix: str

    def kept(self, text: str, name: str) -> Text:
        """The text as its item and its parts are to have it; nothing is written yet. name: how theirs begins."""
        data = text.encode()
        if len(data) <= PART_BYTES:
            return Text({"text": text})
        pieces = list(_pieces(data))
        attributes: Item = {"parts_id": f"{name}.{uuid4().hex}", "parts": len(pieces)}
        keys = self.part_keys(attributes)
        return Text(attributes, [{**key, "text": piece} for key, piece in zip(keys, pieces, strict=True)])

    def part_keys(self, item: Item) -> list[Key]:
        """The keys of the parts of an item, in their order."""
        prefix = f"{self.part_prefix}{item.get('parts_id')}#"
        return [{**self.partition, "sort_key": f"{prefix}{number:04d}"} for number in range(item.get("parts", 0))]

    def read(self, item: Item) -> str | None:
        """The text of an item; None where its parts are gone: the item was changed or removed meanwhile."""
        if "text" in item:
            return item["text"]
        keys = self.part_keys(item)
        found = {part["sort_key"]: part["text"] for part in self.table.get_many(keys)}
        return "".join(found[key["sort_key"]] for key in keys) if len(found) == len(keys) else None

    def at(self, key: Key, item: Item | None = None) -> str | None:
        """The text of the item of this key, read already or not; None where it is gone.

        Parts may be replaced after their item was read, when a document is forgotten: then it is read again.
        """
        for _ in attempts():
            if (item := item or self.table.get(key)) is None:
                break
            if (text := self.read(item)) is not None:
                return text
            item = None
        return None

    def write_parts(self, *texts: Text) -> None:
        """Before the items that name them."""
        for text in texts:
            for part in text.parts:
                self.table.put(part)

    def parts_named(self, name: str) -> list[Key]:
        """The keys of all parts whose name begins so, whether an item names them or not."""
        [(partition_key, partition)] = self.partition.items()
        condition = f"#{partition_key} = :partition AND begins_with(#sort_key, :prefix)"
        values = {"partition": partition, "prefix": f"{self.part_prefix}{name}."}
        return [{**self.partition, "sort_key": item["sort_key"]} for item in self.table.every(condition, values)]

    def remove_parts_named(self, name: str) -> None:
        """After no item names one of them, and none is about to."""
        self.table.delete_many(self.parts_named(name))


def _pieces(data: bytes) -> Iterator[str]:
    """UTF-8 in texts of at most `PART_BYTES`."""
    start = 0
    while start < len(data):
        end = min(start + PART_BYTES, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        yield data[start:end].decode()
        start = end
