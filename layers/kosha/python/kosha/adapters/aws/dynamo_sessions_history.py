"""Walking a branch from its leaf towards the beginning, in work that follows the budget and not the session.

A message knows its parent's position, and messages are keyed by position, so one query from a position downwards reads
a message together with those said before it: most often its ancestors. Where a branch leaves what was read, another
query goes on at the parent's position. What it may read in vain is bounded by what the query before it was good for.
"""

from collections.abc import Iterator

from kosha.adapters.aws import dynamo_chat_keys as keys
from kosha.adapters.aws.dynamo_chat import Chat
from kosha.adapters.aws.dynamo_chat_messages import Spot, parent_of
from kosha.adapters.aws.items import Item
from kosha.model.prompt import Utterance

_PAGE_ITEMS = 32  # at most; a history of 2,000 tokens has about 30 messages


def walk(chat: Chat, user_id: str, session_id: str, leaf: Spot, budget_tokens: int) -> list[Utterance]:
    """The newest part of the branch that ends at `leaf` that fits the budget, oldest first."""
    texts = chat.texts_of_session(user_id, session_id)
    said: list[Utterance] = []
    for item in _branch(chat, user_id, session_id, leaf):
        budget_tokens -= item["tokens"]
        if budget_tokens < 0:
            break
        text = texts.read(item)
        if text is None:
            break  # the session is being removed
        said.append(Utterance(role=item["role"], content=text))
    return said[::-1]


def _branch(chat: Chat, user_id: str, session_id: str, leaf: Spot) -> Iterator[Item]:
    """The messages of a branch from its leaf on."""
    spot: Spot | None = leaf
    page_items = _PAGE_ITEMS
    while spot is not None:
        page = _said_before(chat, user_id, session_id, spot, page_items)
        used = 0
        while spot is not None and (item := page.get(spot.position)) is not None:
            yield item
            used, spot = used + 1, parent_of(item)
        if used == 0:
            return  # the session is being removed
        page_items = min(2 * used, _PAGE_ITEMS)


def _said_before(chat: Chat, user_id: str, session_id: str, spot: Spot, page_items: int) -> dict[int, Item]:
    """The message at a place and some of those before it, by position."""
    last = keys.message(user_id, session_id, spot.position)
    values = {**last, "first": keys.message(user_id, session_id, 0)["sort_key"]}
    condition = "#user_id = :user_id AND #sort_key BETWEEN :first AND :sort_key"
    found = chat.sessions.query(condition, values, limit=page_items, descending=True)
    return {item["position"]: item for item in found.items}
