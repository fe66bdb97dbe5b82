"""The contract of the port `Sessions`."""

import json
from typing import Any

import pytest
from tests.contracts.examples import NOON, an_answer, an_ask, an_end, new_id, some_deltas, texts
from tests.contracts.kept import kept
from tests.contracts.store import PostgresStore, Store

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.sessions import HISTORY
from kosha.errors import Invalid, NotFound
from kosha.model.chunk import Hit
from kosha.model.page import PageOf
from kosha.model.session import Feedback
from kosha.model.turn import Ask
from kosha.model.wire import Citation


def say(store: Store, ask: Ask, reply: str = "25 days.", **options: Any) -> str:
    """A whole turn; the answer's id."""
    metadata = options.pop("metadata", {})
    store.turns.accept(ask, **{"parent_id": None, "branch_from": None, "regenerates": False, **options})
    turn = store.turns.claim(ask.key)
    assert turn is not None
    end = an_end(ask, an_answer(ask, reply), metadata)
    assert end.final is not None
    answer = an_answer(ask, reply, id=end.final.answer_id, metadata=end.final.metadata.wire() if metadata else {})
    store.turns.finish(ask.key, turn.fence, end, answer)
    return answer.id


def talk(store: Store, rounds: int, **fields: Any) -> tuple[str, str]:
    """A conversation of so many rounds: (session id, id of its last answer)."""
    session_id, answer_id = new_id(), ""
    for number in range(rounds):
        ask = an_ask(session_id=session_id, text=f"question {number}", **fields)
        answer_id = say(store, ask, f"answer {number}")
    return session_id, answer_id


def found(store: Store, query: str) -> list[str]:
    return [session.id for session in store.sessions.of("ada", PageOf(), query=query).items]


def test_sessions_are_listed_latest_first(store: Store) -> None:
    first, _ = talk(store, 1)
    second, _ = talk(store, 1)
    say(store, an_ask(session_id=first))
    talk(store, 1, user_id="bob")
    assert [session.id for session in store.sessions.of("ada", PageOf()).items] == [first, second]


def test_pages_hold_every_session_once(store: Store) -> None:
    kept = [talk(store, 1)[0] for _ in range(5)]
    first = store.sessions.of("ada", PageOf(3))
    second = store.sessions.of("ada", PageOf(3, first.next_cursor))
    assert [session.id for page in (first, second) for session in page.items] == kept[::-1]
    assert second.next_cursor is None


def test_pages_of_a_search_hold_every_session_it_finds_once(store: Store) -> None:
    wanted = []
    for number in range(6):
        ask = an_ask(text="hello")
        say(store, ask, "Reisekosten" if number % 2 else "leave")
        wanted += [ask.session_id] if number % 2 else []
    first = store.sessions.of("ada", PageOf(2), query="reise")
    second = store.sessions.of("ada", PageOf(2, first.next_cursor), query="reise")
    assert [session.id for page in (first, second) for session in page.items] == wanted[::-1]
    assert second.next_cursor is None


def test_a_malformed_cursor_is_the_callers_mistake(store: Store) -> None:
    with pytest.raises(Invalid):
        store.sessions.of("ada", PageOf(3, "gibberish"))


def test_a_session_of_another_user_is_not_found_whatever_is_asked(store: Store) -> None:
    session_id, answer_id = talk(store, 1)
    sessions = store.sessions
    for call in (
        lambda: sessions.get("bob", session_id),
        lambda: sessions.messages("bob", session_id),
        lambda: sessions.message("bob", session_id, answer_id),
        lambda: sessions.history("bob", session_id, leaf_id=answer_id, budget_tokens=100),
        lambda: sessions.rename("bob", session_id, "mine"),
        lambda: sessions.remove("bob", session_id),
    ):
        with pytest.raises(NotFound):
            call()


@pytest.mark.parametrize("id", ["", "no uuid", "a\x00b", "\ud800"])
def test_an_id_of_any_shape_is_not_found(store: Store, id: str) -> None:
    with pytest.raises(NotFound):
        store.sessions.get("ada", id)
    session_id, _ = talk(store, 1)
    with pytest.raises(NotFound):
        store.sessions.message("ada", session_id, id)


def test_a_session_can_be_renamed(store: Store) -> None:
    session_id, _ = talk(store, 1)
    assert store.sessions.rename("ada", session_id, "Leave 🙂\x00").title == "Leave 🙂\ufffd"
    assert store.sessions.get("ada", session_id).title == "Leave 🙂\ufffd"


async def test_a_removed_session_leaves_nothing(store: Store) -> None:
    turns = store.turns
    session_id, _ = talk(store, 2)
    ask = an_ask(session_id=session_id)
    turns.accept(ask, parent_id=None, branch_from=None, regenerates=False)
    turns.claim(ask.key)
    await turns.append(ask.key, 1, some_deltas("a"))
    other, _ = talk(store, 1)
    store.sessions.remove("ada", session_id)
    assert [session.id for session in store.sessions.of("ada", PageOf()).items] == [other]
    with pytest.raises(NotFound):
        turns.get(ask.key)
    assert session_id not in kept(store)
    assert ask.message_id not in kept(store)


def test_all_sessions_of_a_user_are_removed_and_nobody_elses(store: Store) -> None:
    talk(store, 1)
    talk(store, 1)
    kept, _ = talk(store, 1, user_id="bob")
    store.sessions.remove_all("ada")
    assert store.sessions.of("ada", PageOf()).items == []
    assert [session.id for session in store.sessions.of("bob", PageOf()).items] == [kept]


def test_history_is_the_branch_oldest_first(store: Store) -> None:
    session_id, leaf_id = talk(store, 2)
    history = store.sessions.history("ada", session_id, leaf_id=leaf_id, budget_tokens=1000)
    assert [(said.role, said.content) for said in history] == [
        ("user", "question 0"),
        ("assistant", "answer 0"),
        ("user", "question 1"),
        ("assistant", "answer 1"),
    ]


def test_history_follows_one_branch_and_one_version(store: Store) -> None:
    first = an_ask(text="q1")
    say(store, first, "a1")
    second = an_ask(session_id=first.session_id, text="q2")
    say(store, second, "a2")
    beside = an_ask(session_id=first.session_id, text="q2 beside")
    say(store, beside, "a2 beside", branch_from=second.message_id)
    again = an_ask(session_id=first.session_id, question_id=beside.message_id)
    leaf_id = say(store, again, "a2 again", regenerates=True)
    history = store.sessions.history("ada", first.session_id, leaf_id=leaf_id, budget_tokens=1000)
    assert texts(history) == ["q1", "a1", "q2 beside", "a2 again"]


def test_history_ends_where_the_budget_does(store: Store) -> None:
    session_id, leaf_id = talk(store, 5)  # each message counts 4 + 10 // 4 or 4 + 8 // 4 = 6 tokens
    history = store.sessions.history("ada", session_id, leaf_id=leaf_id, budget_tokens=20)
    assert texts(history) == ["answer 3", "question 4", "answer 4"]
    assert store.sessions.history("ada", session_id, leaf_id=leaf_id, budget_tokens=5) == []


def test_history_of_a_leaf_that_is_not_there_is_empty(store: Store) -> None:
    session_id, _ = talk(store, 1)
    assert store.sessions.history("ada", session_id, leaf_id=new_id(), budget_tokens=100) == []


def test_history_of_a_session_of_5000_messages_reads_no_more_than_it_gives(postgres: PostgresStore) -> None:
    session_id, _ = talk(postgres, 1)
    lengthen(postgres, session_id, messages=5000)
    values = {"user_id": "ada", "session_id": session_id, "leaf_id": "long-5000", "budget_tokens": 2000}
    given = postgres.sessions.history("ada", session_id, leaf_id="long-5000", budget_tokens=2000)
    [(plan,)] = rows(postgres, f"explain (analyze, format json) {HISTORY}", values)
    read = sum(node.get("Actual Rows", 0) * node.get("Actual Loops", 1) for node in scans(plan[0]["Plan"]))
    assert 100 < len(given) < 400
    assert read <= len(given) + 10  # the session's row besides, and what a scan of a nearly empty table passes over


def lengthen(postgres: PostgresStore, session_id: str, *, messages: int) -> None:
    """A chain of messages, each with more metadata than a page of the database holds."""
    statement = """
        insert into kosha.messages (session_id, id, parent_id, role, content, tokens, metadata, created_at)
        select %s, 'long-' || n, 'long-' || n - 1, 'user', 'word ' || n, 6,
            jsonb_build_object('filler', repeat(md5(n::text), 100)), now()
        from generate_series(1, %s) n"""
    postgres.database.run(lambda c: c.execute(statement, (session_id, messages)))


def scans(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a plan that read the table of messages."""
    below = [scan for child in node.get("Plans", ()) for scan in scans(child)]
    return [node, *below] if node.get("Relation Name") == "messages" else below


def test_metadata_of_three_megabytes_is_kept_and_history_does_not_mind(store: Store) -> None:
    ask = an_ask()
    hits = tuple(a_hit(new_id(), content="x" * 300_000) for _ in range(10))
    leaf_id = say(store, ask, metadata={"documents": hits})
    assert len(json.dumps(store.sessions.message("ada", ask.session_id, leaf_id).metadata)) > 3_000_000
    history = store.sessions.history("ada", ask.session_id, leaf_id=leaf_id, budget_tokens=100)
    assert len(history) == 2


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("How do I file a Reisekostenabrechnung?", "reisekosten"),
        ("Die übermäßige Gebühr", "ÜBERMÄ"),
        ("Die übermäßige Gebühr", "u\u0308berm"),
        ("वार्षिक अवकाश कितने दिन", "अवकाश"),
        ("write to ada@example.org", "example.org"),
        ("年次有給休暇は何日ですか", "有給休暇"),
        ("연차 휴가는 며칠인가요", "휴가"),
        ("ฉันมีวันลากี่วัน", "วันลา"),
        ("Сколько дней отпуска?", "отпуска"),
        ("100% of (a|b) & c:* !", "100% of"),
        ("see kosha_local/cli.py", "kosha_local/cli.py"),
        ("- - - - -", "- - -"),
        ("smile 🙂🙂", "🙂🙂"),
    ],
)
def test_a_session_is_found_by_words_of_its_messages_in_any_script(store: Store, said: str, query: str) -> None:
    talk(store, 1)
    ask = an_ask(text="hello")
    say(store, ask, said)
    assert found(store, query) == [ask.session_id]


def test_a_session_is_found_by_its_title(store: Store) -> None:
    session_id, _ = talk(store, 1)
    talk(store, 1)
    store.sessions.rename("ada", session_id, "Travel costs")
    assert found(store, "cost trav") == [session_id]
    assert found(store, "ravel c") == [session_id]


def test_a_search_finds_nothing_of_others(store: Store) -> None:
    talk(store, 1, user_id="bob")
    assert found(store, "answer") == []


HOSTILE_QUERIES = [
    "'",
    "\\",
    "%",
    "_",
    "a\x00b",
    "\ud800",
    "-" * 64,
    "((((",
    "!!!",
    ":*",
    "<->",
    "&|",
    "x" * 20_000,
    "a:b'c",
]


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
def test_no_query_is_an_error(store: Store, query: str) -> None:
    talk(store, 1)
    assert found(store, query) == []


def test_an_empty_query_is_none(store: Store) -> None:
    session_id, _ = talk(store, 1)
    assert found(store, "  ") == [session_id]


def a_word(ask: Ask, **fields: Any) -> Feedback:
    plain = {
        "id": new_id(),
        "user_id": ask.user_id,
        "session_id": ask.session_id,
        "message_id": ask.message_id,
        "score": 1,
        "created_at": NOON,
    }
    return Feedback(**{**plain, **fields})


def test_a_second_word_on_an_answer_replaces_the_first(store: Store) -> None:
    ask = an_ask()
    answer_id = say(store, ask)
    store.sessions.add_feedback(a_word(ask))
    store.sessions.add_feedback(a_word(ask, answer_id=answer_id, score=-1, comment="wrong \x00"))
    everything = kept(store)
    assert (everything.count("wrong \ufffd"), everything.count('"categories"')) == (1, 1)


def test_a_word_needs_an_answer_of_the_users_own(store: Store) -> None:
    ask = an_ask()
    say(store, ask)
    for word in (
        a_word(ask, user_id="bob"),
        a_word(ask, message_id=new_id()),
        a_word(ask, answer_id=new_id()),
        a_word(ask, session_id=new_id()),
    ):
        with pytest.raises(NotFound):
            store.sessions.add_feedback(word)


def a_hit(document_id: str, content: str = "Leave is 25 days.") -> Hit:
    return Hit(
        chunk_id=new_id(),
        document_id=document_id,
        document_type="file",
        title="Leave rules",
        path="secret/leave.md",
        heading="Secret heading",
        content=content,
    )


def a_citation(document_id: str, marker: int = 1) -> Citation:
    return Citation(
        marker=marker, chunk_id=new_id(), document_id=document_id, title="Leave rules", quote="25 days of secret"
    )


def test_a_forgotten_document_leaves_its_title_in_stored_answers(store: Store) -> None:
    gone, kept = new_id(), new_id()
    told = {"documents": (a_hit(gone), a_hit(kept)), "citations": (a_citation(gone), a_citation(kept, 2))}
    ask = an_ask()
    answer_id = say(store, ask, metadata=told)
    store.sessions.forget_document(gone)
    store.sessions.forget_document(gone)
    metadata = store.sessions.message("ada", ask.session_id, answer_id).metadata
    hit, other_hit = metadata["documents"]
    citation, other_citation = metadata["citations"]
    assert (hit["title"], hit["deleted"], "content" in hit, "heading" in hit) == ("Leave rules", True, False, False)
    assert (citation["title"], citation["marker"], citation["deleted"], "quote" in citation) == (
        "Leave rules",
        1,
        True,
        False,
    )
    assert (other_hit["content"], other_citation["quote"]) == ("Leave is 25 days.", "25 days of secret")
    assert metadata["provider"] == "local"
    end = store.turns.get(ask.key).end
    assert end is not None
    assert end.final is not None
    assert [hit.content for hit in end.final.metadata.documents] == ["", "Leave is 25 days."]
    assert [citation.quote for citation in end.final.metadata.citations] == ["", "25 days of secret"]


def test_a_document_that_is_forgotten_while_an_answer_is_made_is_erased_from_it(store: Store) -> None:
    gone = new_id()
    store.sessions.forget_document(gone)
    ask = an_ask()
    answer_id = say(store, ask, metadata={"documents": (a_hit(gone),), "citations": (a_citation(gone),)})
    metadata = store.sessions.message("ada", ask.session_id, answer_id).metadata
    assert [entry["deleted"] for entry in (*metadata["documents"], *metadata["citations"])] == [True, True]
    assert "secret" not in json.dumps(metadata)


def test_a_document_is_forgotten_in_many_answers(store: Store) -> None:
    gone = new_id()
    asks = [an_ask() for _ in range(21)]  # PostgreSQL erases 20 at a time
    for ask in asks:
        say(store, ask, metadata={"documents": (a_hit(gone),)})
    store.sessions.forget_document(gone)
    assert "Leave is 25 days." not in kept(store)


def rows(postgres: PostgresStore, statement: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    def work(connection: Connection) -> list[tuple[Any, ...]]:
        return connection.execute(statement.encode(), values or {}).fetchall()

    return postgres.database.run(work)
