"""A user's sessions, latest first, all or those that a search finds."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from kosha.adapters.aws.dynamo_chat import Chat, is_live, session_of
from kosha.adapters.aws.items import Item
from kosha.adapters.cursors import malformed, read_cursor, write_cursor
from kosha.adapters.storable import storable
from kosha.adapters.words import composed, words_of
from kosha.model.page import Page, PageOf
from kosha.model.session import Session

_PAGE_ITEMS = 100
# Of 1 MB each, about 20 ms: what a search reads of a user's messages at most. Nobody has said 100 MB.
_SEARCH_PAGES = 100
_SEARCHED_CHARACTERS = 100_000  # of a message
_WORD = re.compile(r"[^\W_]+")


class _Search:
    """What is looked for: all words, each as the beginning of one, or the text as it stands where it has none."""

    def __init__(self, query: str) -> None:
        self._words = words_of(storable(query).lower())
        self._text = composed(storable(query)).lower()

    def fits_title(self, title: str) -> bool:
        """Whether a title has the words, or the text as it stands."""
        return self._text in title.lower() or (bool(self._words) and self._has_words(title))

    def fits_message(self, content: str) -> bool:
        """Whether a message has the words; the text as it stands where there are none."""
        return self._has_words(content) if self._words else self._text in content.lower()

    def _has_words(self, text: str) -> bool:
        text = text[:_SEARCHED_CHARACTERS].lower()
        if not all(word in text for word in self._words):
            return False
        said = set(_WORD.findall(text))
        return all(any(each.startswith(word) for each in said) for word in self._words)


def listed(chat: Chat, user_id: str, page: PageOf, query: str | None) -> Page[Session]:
    """See `DynamoSessions.of`."""
    before = _before(page.cursor)
    heads = _heads(chat, user_id, before)
    if query is not None and query.strip():
        search = _Search(query)
        found = _sessions_with(chat, user_id, search)
        heads = (head for head in heads if head["sort_key"] in found or search.fits_title(head["title"]))
    some = list(islice(heads, page.limit + 1))
    items = [session_of(head) for head in some[: page.limit]]
    if len(some) <= page.limit:
        return Page(items)
    moment, session_id = some[page.limit - 1]["updated_at"].split("#", 1)
    return Page(items, write_cursor(moment, session_id))


def _before(cursor: str | None) -> str | None:
    """The `updated_at` that a list goes on before; None at its start. Raises Invalid."""
    if cursor is None:
        return None
    moment, session_id = read_cursor(cursor)
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        raise malformed(cursor) from None
    return f"{moment}#{session_id}"


def _heads(chat: Chat, user_id: str, before: str | None) -> Iterator[Item]:
    """Heads, latest first. The index may lag: what was removed meanwhile is left out, what grew comes as it is."""
    condition, values = "#user_id = :user_id", {"user_id": user_id}
    if before is not None:
        condition, values = f"{condition} AND #updated_at < :before", {**values, "before": before}
    start: Item | None = None
    while True:
        found = chat.sessions.query(
            condition, values, index="by_updated", start=start, limit=_PAGE_ITEMS, descending=True
        )
        wanted = [{"user_id": item["user_id"], "sort_key": item["sort_key"]} for item in found.items]
        heads = {head["sort_key"]: head for head in chat.sessions.get_many(wanted)}
        for key in wanted:
            head = heads.get(key["sort_key"])
            if head is not None and is_live(head):
                yield head
        if (start := found.last_key) is None:
            return


def _sessions_with(chat: Chat, user_id: str, search: _Search) -> set[str]:
    """Sort keys of the heads of sessions that have a message that fits, looked for in the user's own partition."""
    found: set[str] = set()
    condition = "#user_id = :user_id AND begins_with(#sort_key, :prefix)"
    start: Item | None = None
    for _ in range(_SEARCH_PAGES):
        page = chat.sessions.query(condition, {"user_id": user_id, "prefix": "message#"}, start=start)
        for item in page.items:
            session_id = item["sort_key"].split("#", 1)[1].rsplit("#", 1)[0]
            head = f"session#{session_id}"
            if head in found:
                continue
            text = chat.texts_of_session(user_id, session_id).read(item)
            if text is not None and search.fits_message(text):
                found.add(head)
        if (start := page.last_key) is None:
            break
    return found
