"""The chat functions together: a question over the socket, its answer, and what goes wrong between them."""

import asyncio
import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from tests.doors.lambdas.deployment import Browser, Deployment, ids, record
from tests.doors.test_socket import NOT_A_FRAME, NOT_AN_ACTION
from tests.unit.chat.house import silence, until

from kosha.adapters.aws.dynamo_connections import DynamoConnections
from kosha.adapters.postgres.database import Database
from kosha.api.gateway import lasting_context_of
from kosha.chat import delivery, prompts
from kosha.errors import Unavailable
from kosha.model.chunk import IndexedChunk
from kosha.model.page import PageOf
from kosha.model.turn import TurnKey
from kosha.model.user import Caller
from kosha.retrieval import shorten


class Away:
    """Something that does not answer."""

    def __getattr__(self, name: str) -> Any:
        def call(*_: Any, **__: Any) -> None:
            raise Unavailable(f"{name}: away")

        return call


def finals(browser: Browser) -> list[dict[str, Any]]:
    return [frame["data"] for frame in browser.heard if frame["action"] == "final_response"]


def key_of(caller: Caller, asked: dict[str, str]) -> TurnKey:
    return TurnKey(caller.user.id, asked["messageId"])


def in_order(browser: Browser) -> bool:
    return browser.numbers == list(range(len(browser.numbers))) and browser.numbers != []


async def meanwhile(work: Any, *arguments: Any, **named: Any) -> None:
    """While the model thinks, somebody does something."""
    await asyncio.to_thread(work, *arguments, **named)


def test_a_question_is_accepted_answered_and_its_end_told_once(aws: Deployment, ada: Caller) -> None:
    aws.model.will_say("25 ", "days.")
    browser, asked = aws.connect(ada), ids()
    assert [frame["action"] for frame in browser.send("run", **asked, text="How much leave?")] == ["accepted"]
    aws.settle()
    assert browser.actions[-1] == "final_response"
    assert [final["content"] for final in finals(browser)] == ["25 days."]
    assert in_order(browser)


def test_one_trace_id_goes_from_the_socket_to_the_answer(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    [message] = aws.messages("IN")
    trace_id = message["messageAttributes"]["traceId"]["stringValue"]
    aws.answer([message])
    [ended] = aws.messages("OUT")
    assert ended["messageAttributes"]["traceId"]["stringValue"] == trace_id
    aws.tell([ended])
    assert finals(browser)[0]["metadata"]["traceId"] == trace_id


def test_messages_carry_ids_only(aws: Deployment, ada: Caller) -> None:
    asked = ids()
    aws.connect(ada).send("run", **asked, text="a secret")
    [message] = aws.messages("IN")
    assert "secret" not in str(message)
    assert ada.user.id in message["body"]


def test_a_question_delivered_again_is_answered_once(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    [message] = aws.messages("IN")
    for _ in range(3):
        assert aws.answer([message]) == []
    aws.settle()
    assert len(aws.model.prompts) == 1
    assert len(finals(browser)) == 1


def test_a_question_that_somebody_living_holds_is_dropped_and_left_to_them(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    browser.send("run", **asked, text="Hi")
    assert aws.ports("sweep").turns.claim(key_of(ada, asked)) is not None
    assert aws.answer() == []
    assert aws.model.prompts == []
    assert aws.messages("OUT") == []


def test_a_question_whose_workers_died_is_sent_again_and_goes_on_without_a_gap(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()

    def another_takes_over_and_dies() -> None:
        aws.clock.pass_seconds(60)
        assert aws.ports("sweep").turns.claim(key_of(ada, asked)) is not None

    aws.model.will_say(
        "one ", lambda: until(lambda: browser.numbers), lambda: meanwhile(another_takes_over_and_dies), silence
    )
    browser.send("run", **asked, text="Hi")
    assert aws.answer() == []
    assert browser.numbers == [0]
    aws.clock.pass_seconds(60)
    aws.call("sweep", {})
    aws.model.will_say("two")
    aws.settle()
    assert in_order(browser)
    assert finals(browser)[0]["content"] == "two"


def test_a_question_that_was_lost_on_its_way_is_sent_again_by_the_sweep(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    aws.ports("chat_incoming").made["asks"] = Away()
    assert [frame["action"] for frame in browser.send("run", **ids(), text="Hi")] == ["accepted"]
    aws.call("sweep", {})
    assert aws.messages("IN") == []  # it has only just come
    aws.clock.pass_seconds(60)
    aws.call("sweep", {})
    aws.settle()
    assert len(finals(browser)) == 1


def test_a_backlog_is_sent_again_by_the_sweep_and_answered_once(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    for number in range(3):
        browser.send("run", **ids(), text=f"Question {number}")
    waiting = aws.messages("IN")
    for _ in range(2):  # minutes in which no worker is free
        aws.clock.pass_seconds(60)
        aws.call("sweep", {})
    assert aws.answer([*waiting, *aws.messages("IN")]) == []
    aws.settle()
    assert len(aws.model.prompts) == len(finals(browser)) == 3


def test_who_waits_for_a_database_that_sleeps_is_told_so(aws: Deployment, ada: Caller) -> None:
    away = Database("host=127.0.0.1 port=1 dbname=none", patience_seconds=1.5, sleeps=True)
    away.open()
    ports = aws.ports("chat_worker")
    ports.made["database"] = away
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="How much leave?", workspaceId=aws.machine.workspace(ada).id)
    aws.settle()
    away.close()
    steps = [frame["data"]["detail"] for frame in browser.heard if frame["action"] == "thinking_step"]
    assert steps == ["Searching the documents", "Waking the database"]
    assert browser.heard[-1]["data"]["retryable"] is True


def test_a_question_sent_again_before_it_is_answered_runs_once_and_is_heard_once(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    for _ in range(3):
        browser.send("run", **asked, text="Hi")
    aws.settle()
    assert len(aws.model.prompts) == 1
    assert in_order(browser)
    assert browser.actions.count("accepted") == 3
    assert len(finals(browser)) == 1


def test_a_question_sent_again_while_it_is_answered_is_heard_once(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    aws.model.will_say(
        "one ",
        lambda: until(lambda: browser.numbers),
        lambda: meanwhile(browser.send, "run", **asked, text="Hi"),
        "two ",
    )
    browser.send("run", **asked, text="Hi")
    aws.settle()
    assert browser.actions.count("accepted") == 2
    assert in_order(browser)
    assert len(finals(browser)) == 1


def test_a_question_sent_again_after_its_end_is_told_again_and_not_answered_again(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    browser.send("run", **asked, text="Hi")
    aws.settle()
    tokens = list(browser.numbers)
    again = browser.send("run", **asked, text="Hi")
    assert [frame["action"] for frame in again] == ["accepted", *["llm_new_token"] * len(tokens), "final_response"]
    assert len(aws.model.prompts) == 1


def test_another_window_that_asks_the_same_while_it_is_answered_hears_it_once(aws: Deployment, ada: Caller) -> None:
    first, second, asked = aws.connect(ada), aws.connect(ada), ids()
    aws.model.will_say(
        "one ",
        lambda: until(lambda: first.numbers),
        "two ",
        lambda: meanwhile(second.send, "run", **asked, text="Hi"),
        "three",
    )
    first.send("run", **asked, text="Hi")
    aws.settle()
    assert (
        "".join(frame["data"]["token"]["value"] for frame in second.heard if "token" in frame["data"])
        == "one two three"
    )
    assert in_order(second)
    assert len(finals(second)) == 1
    assert len(aws.model.prompts) == 1


def test_another_window_that_asks_the_same_before_the_end_is_told_hears_it_once(aws: Deployment, ada: Caller) -> None:
    first, second, asked = aws.connect(ada), aws.connect(ada), ids()
    first.send("run", **asked, text="Hi")
    aws.answer()
    second.send("run", **asked, text="Hi")
    assert finals(second) == []
    aws.settle()
    assert in_order(second)
    assert second.actions.count("accepted") == len(finals(second)) == 1


def test_an_end_whose_news_was_lost_is_told_when_the_question_comes_back(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    [message] = aws.messages("IN")
    aws.ports("chat_worker").made["endings"] = Away()
    assert aws.answer([message]) == [message]
    assert finals(browser) == []
    del aws.ports("chat_worker").made["endings"]
    assert aws.answer([message]) == []
    aws.settle()
    assert len(finals(browser)) == 1
    assert len(aws.model.prompts) == 1


class Dead(BaseException):
    """A process that is killed runs nothing more: no message goes back, no end is handed on."""


def test_an_end_whose_maker_died_before_it_was_told_is_handed_on_by_the_next_sweep(
    aws: Deployment, ada: Caller
) -> None:
    class Killed:
        def send(self, *_: Any, **__: Any) -> None:
            raise Dead

    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    aws.ports("chat_worker").made["endings"] = Killed()
    with pytest.raises(Dead):
        aws.answer()
    aws.call("sweep", {})
    assert aws.messages("OUT") == []  # it has only just ended
    aws.clock.pass_seconds(60)
    aws.call("sweep", {})
    aws.call("sweep", {})
    aws.settle()
    assert len(finals(browser)) == 1
    assert len(aws.model.prompts) == 1


def test_an_end_that_was_handed_on_is_not_handed_on_by_the_sweep(aws: Deployment, ada: Caller) -> None:
    aws.connect(ada).send("run", **ids(), text="Hi")
    aws.settle()
    aws.clock.pass_seconds(60)
    aws.call("sweep", {})
    assert aws.messages("OUT") == []


def test_an_end_whose_maker_died_after_it_was_handed_on_is_heard_once(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    turns = aws.ports("chat_worker").followers

    def killed(_: TurnKey) -> None:
        raise Dead

    turns.handed_on = killed  # type: ignore[method-assign]
    with pytest.raises(Dead):
        aws.answer()
    aws.settle()
    aws.clock.pass_seconds(60)
    aws.call("sweep", {})
    aws.settle()
    assert len(finals(browser)) == 1


def test_what_people_leave_behind_who_left_the_pool_is_swept(aws: Deployment, ada: Caller) -> None:
    leaving = aws.machine.person()
    for person in (leaving, ada):
        aws.connect(person).send("run", **ids(), text="Hi")
    aws.settle()
    aws.machine.ports.users.remove(leaving.user.id)
    aws.clock.pass_seconds(2 * 86_400)
    aws.call("sweep", {})
    sessions = aws.ports("api").sessions
    assert sessions.of(leaving.user.id, PageOf()).items == []
    assert len(sessions.of(ada.user.id, PageOf()).items) == 1


def test_an_end_told_twice_is_heard_once(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    aws.answer()
    ended = aws.messages("OUT")
    assert aws.tell([*ended, *ended]) == []
    assert aws.tell(ended) == []
    assert len(finals(browser)) == 1


def test_an_end_that_could_not_be_told_goes_back_alone_and_is_told_then(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="Hi")
    aws.answer()
    [ended] = aws.messages("OUT")
    aws.gateway.is_busy = True
    assert aws.tell([ended]) == [ended]
    aws.gateway.is_busy = False
    assert aws.tell([ended]) == []
    assert len(finals(browser)) == 1


def test_an_end_that_comes_before_its_turn_has_one_is_passed_over(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    browser.send("run", **asked, text="Hi")
    [message] = aws.messages("IN")
    assert aws.tell([record(message["body"])]) == []
    assert browser.actions == ["accepted"]


def test_a_connection_that_is_gone_is_forgotten_and_the_others_hear_the_answer(aws: Deployment, ada: Caller) -> None:
    gone, here = aws.connect(ada), aws.connect(ada)
    gone.send("run", **ids(), text="Hi")
    aws.gateway.gone.add(gone.id)
    aws.settle()
    assert len(finals(here)) == 1
    assert in_order(here)
    assert [each.id for each in aws.ports("sweep").connections.of(ada.user.id)] == [here.id]


def test_all_windows_of_a_person_see_the_answer_and_nobody_else_does(aws: Deployment, ada: Caller) -> None:
    asking, watching, other = aws.connect(ada), aws.connect(ada), aws.connect(aws.machine.person())
    asking.send("run", **ids(), text="Hi")
    aws.settle()
    assert watching.numbers == asking.numbers
    assert finals(watching) == finals(asking)
    assert other.heard == []


def test_an_answer_goes_on_without_its_socket_and_is_resumed_from_another_while_it_is_made(
    aws: Deployment, ada: Caller
) -> None:
    first, asked = aws.connect(ada), ids()
    opened: list[Browser] = []

    def come_back() -> None:
        first.leave()
        opened.append(aws.connect(ada))
        opened[0].send("resume", **asked, afterSequence=-1)

    aws.model.will_say("one ", lambda: until(lambda: first.numbers), lambda: meanwhile(come_back), "two ", "three")
    first.send("run", **asked, text="Count")
    aws.settle()
    assert first.numbers == [0]
    assert in_order(opened[0])
    assert finals(opened[0])[0]["content"] == "one two three"


def test_who_resumes_after_the_last_frame_and_before_the_end_misses_nothing(aws: Deployment, ada: Caller) -> None:
    first, asked = aws.connect(ada), ids()
    opened: list[Browser] = []
    first.send("run", **asked, text="Hi")
    finish = aws.ports("chat_worker").turns.finish

    def late(*arguments: Any) -> None:
        opened.append(aws.connect(ada))
        opened[0].send("resume", **asked, afterSequence=-1)
        finish(*arguments)

    aws.ports("chat_worker").turns.finish = late  # type: ignore[method-assign]
    aws.settle()
    assert in_order(opened[0])
    assert len(finals(opened[0])) == 1


@pytest.mark.parametrize("after", [-1, 0, 10**12])
def test_what_is_resumed_after_its_end_begins_where_it_is_asked_to(aws: Deployment, ada: Caller, after: int) -> None:
    first, asked = aws.connect(ada), ids()
    aws.model.will_say("one ", lambda: until(lambda: first.numbers), "two")
    first.send("run", **asked, text="Hi")
    aws.settle()
    again = aws.connect(ada)
    again.send("resume", **asked, afterSequence=after)
    assert again.numbers == [number for number in first.numbers if number > after]
    assert finals(again) == finals(first)


def test_an_end_that_was_resumed_is_not_told_once_more_by_its_news(aws: Deployment, ada: Caller) -> None:
    first, asked = aws.connect(ada), ids()
    first.send("run", **asked, text="Hi")
    aws.answer()
    second = aws.connect(ada)
    second.send("resume", **asked, afterSequence=-1)
    aws.settle()
    assert len(finals(first)) == len(finals(second)) == 1


def test_an_answer_is_stopped_while_it_is_made(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    aws.model.will_say("one ", lambda: meanwhile(browser.send, "stop", **asked), silence, "two")
    browser.send("run", **asked, text="Count")
    aws.settle()
    assert (finals(browser)[0]["content"], finals(browser)[0]["stopReason"]) == ("one ", "stopped")


def test_a_bug_of_ours_ends_the_turn_in_words_and_its_message_goes_back(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    aws.model.will_say("one ", ZeroDivisionError())
    browser.send("run", **ids(), text="Hi")
    [message] = aws.messages("IN")
    assert aws.answer([message]) == [message]
    aws.settle()
    assert aws.answer([message]) == []
    aws.settle()
    assert browser.actions.count("error") == 1
    assert "reference" in browser.heard[-1]["data"]["content"]


def test_who_follows_a_turn_whose_session_is_deleted_is_told_so(aws: Deployment, ada: Caller) -> None:
    browser, asked = aws.connect(ada), ids()
    browser.send("run", **asked, text="Hi")
    aws.ports("api").sessions.remove(ada.user.id, asked["sessionId"])
    aws.settle()
    assert browser.heard[-1]["data"]["code"] == "not_found"
    assert browser.heard[-1]["data"]["messageId"] == asked["messageId"]


@pytest.mark.parametrize("action", ["stop", "resume"])
def test_a_turn_of_another_person_or_session_is_not_found(aws: Deployment, ada: Caller, action: str) -> None:
    browser, asked = aws.connect(ada), ids()
    browser.send("run", **asked, text="Hi")
    aws.settle()
    other = aws.connect(aws.machine.person())
    [told] = other.send(action, **asked)
    assert told["data"]["code"] == "not_found"
    [told] = browser.send(action, **{**asked, "sessionId": str(uuid4())})
    assert told["data"]["code"] == "not_found"


@pytest.mark.parametrize("text", NOT_A_FRAME.values(), ids=NOT_A_FRAME)
def test_a_broken_frame_is_answered_and_the_socket_stays_open(aws: Deployment, ada: Caller, text: str) -> None:
    browser = aws.connect(ada)
    [told] = browser.send_text(text)
    assert (told["data"]["code"], told["data"]["retryable"]) == ("bad_request", False)
    assert [frame["action"] for frame in browser.send("heartbeat")] == ["heartbeat"]


@pytest.mark.parametrize("frame", NOT_AN_ACTION.values(), ids=NOT_AN_ACTION)
def test_a_wrong_action_is_answered_with_what_is_wrong(aws: Deployment, ada: Caller, frame: dict[str, Any]) -> None:
    browser = aws.connect(ada)
    [told] = browser.send_text(json.dumps(frame))
    assert told["data"]["code"] == "bad_request"
    assert aws.messages("IN") == []


def test_a_binary_frame_is_read_as_text(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    frame = base64.b64encode(b'{"action": "heartbeat"}').decode()
    [told] = browser.send_text(frame, isBase64Encoded=True)
    assert told["action"] == "heartbeat"


def test_a_bug_in_a_frame_is_answered_with_a_reference(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    aws.ports("chat_incoming").made["connections"] = object()
    [told] = browser.send("heartbeat")
    assert (told["data"]["code"], told["data"]["retryable"]) == ("internal", True)


def test_a_revoked_person_is_told_and_put_out_at_the_next_frame(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    aws.machine.ports.users.set_password(ada.user.id, "hash")
    [told] = browser.send("heartbeat")
    assert told["data"]["code"] == "unauthorized"
    assert browser.id in aws.gateway.closed
    assert aws.ports("sweep").connections.of(ada.user.id) == []


def test_a_revoked_person_who_only_listens_is_put_out_by_the_sweep(aws: Deployment, ada: Caller) -> None:
    listening, other = aws.connect(ada), aws.connect(aws.machine.person())
    aws.machine.ports.users.set_password(ada.user.id, "hash")
    aws.call("sweep", {})
    assert listening.heard[-1]["data"]["code"] == "unauthorized"
    assert aws.gateway.closed == {listening.id}
    assert other.heard == []


def test_a_fresh_token_lets_a_socket_stay_open(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    aws.machine.ports.users.set_password(ada.user.id, "hash")
    assert browser.send("authorize", token=aws.token(ada)) == []
    assert [frame["action"] for frame in browser.send("heartbeat")] == ["heartbeat"]


def test_a_fresh_token_of_somebody_else_puts_the_socket_out(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    [told] = browser.send("authorize", token=aws.token(aws.machine.person()))
    assert told["data"]["code"] == "unauthorized"
    assert browser.id in aws.gateway.closed


def test_a_connection_that_nobody_knows_is_put_out(aws: Deployment, ada: Caller) -> None:
    browser = aws.connect(ada)
    aws.ports("sweep").connections.remove(browser.id)
    [told] = browser.send("heartbeat")
    assert told["data"]["code"] == "unauthorized"


def test_a_person_with_too_many_connections_is_let_in_no_more(aws: Deployment, ada: Caller) -> None:
    ports = aws.ports("chat_connection")
    ports.made["connections"] = DynamoConnections(ports.made["_dynamodb"], table="connections", now=aws.clock, most=1)
    browser = aws.connect(ada)
    authorizer = aws.ports("api").tokens.authorise(aws.token(ada))
    told = browser.tell("chat_connection", routeKey="$connect", authorizer=lasting_context_of(authorizer))
    assert told["statusCode"] == 429


def test_the_worker_asks_the_model_for_advice_where_a_workspace_wants_it(aws: Deployment, ada: Caller) -> None:
    workspace = aws.machine.workspace(ada, retrieval={"threshold": 0, "compress_by_model": True})
    passage = IndexedChunk(chunk_id=str(uuid4()), document_id=str(uuid4()), index=0, content="Leave is 25 days. " * 30)
    document = aws.machine.document(workspace, id=passage.document_id)
    aws.ports("chat_worker").index("aurora").stage(document, [passage], None)
    aws.ports("chat_worker").index("aurora").publish(workspace, document)
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="How many days of leave are there?", workspaceId=workspace.id)
    aws.settle()
    asked, answered = aws.model.prompts
    assert (asked.system, answered.system) == (shorten.SYSTEM, prompts.GROUNDED)
    assert finals(browser)[0]["metadata"]["timingsMs"]["compress"] >= 0


def test_an_end_too_long_for_the_gateway_comes_without_its_passages(
    aws: Deployment, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FRAME_LIMIT_BYTES", 2_000)
    workspace = aws.machine.workspace(ada, retrieval={"threshold": 0})
    passage = IndexedChunk(chunk_id=str(uuid4()), document_id=str(uuid4()), index=0, content="leave " * 400)
    document = aws.machine.document(workspace, id=passage.document_id)
    aws.ports("chat_worker").index("aurora").stage(document, [passage], None)
    aws.ports("chat_worker").index("aurora").publish(workspace, document)
    browser = aws.connect(ada)
    browser.send("run", **ids(), text="How much leave?", workspaceId=workspace.id)
    aws.settle()
    [final] = finals(browser)
    assert final["metadata"]["documents"] == []
    assert final["metadata"]["citations"] != []
