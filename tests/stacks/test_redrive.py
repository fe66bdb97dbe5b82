"""Dead letters given another chance: all of them once, no more than asked for, with what was written on them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from stacks.redrive import queues, redrive
from tests.stacks.deployed import Deployed


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="y")


@pytest.fixture
def pair(sqs: Any) -> tuple[str, str]:
    """(queue, its dead letters)."""
    queue, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("questions", "dead"))
    return queue, dead


def fail(sqs: Any, dead: str, number: int) -> None:
    for index in range(number):
        trace = {"traceId": {"DataType": "String", "StringValue": f"trace-{index}"}}
        sqs.send_message(QueueUrl=dead, MessageBody=f"message-{index}", MessageAttributes=trace)


def held(sqs: Any, url: str) -> dict[str, str]:
    """The traces of what a queue holds, by body."""
    found: dict[str, str] = {}
    while told := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages"
    ):
        found |= {each["Body"]: each["MessageAttributes"]["traceId"]["StringValue"] for each in told}
    return found


def test_every_dead_letter_goes_back_with_its_attributes(sqs: Any, pair: tuple[str, str]) -> None:
    queue, dead = pair
    fail(sqs, dead, 23)
    assert redrive(sqs, queue, dead, limit=1000) == (23, 0)
    assert held(sqs, queue) == {f"message-{index}": f"trace-{index}" for index in range(23)}


def test_no_more_go_back_than_asked_for(sqs: Any, pair: tuple[str, str]) -> None:
    queue, dead = pair
    fail(sqs, dead, 23)
    assert redrive(sqs, queue, dead, limit=12) == (12, 11)
    assert len(held(sqs, queue)) == 12


def test_what_fails_again_meanwhile_is_not_moved_again(sqs: Any, pair: tuple[str, str]) -> None:
    """A queue whose messages come straight back to the dead letters: each goes back once."""
    _, dead = pair
    fail(sqs, dead, 5)
    moved, left = redrive(sqs, dead, dead, limit=1000)
    assert (moved, left) == (5, 5)


def test_nothing_dead_is_nothing_moved(sqs: Any, pair: tuple[str, str]) -> None:
    assert redrive(sqs, *pair, limit=10) == (0, 0)


def test_queues_are_found_by_the_outputs_of_their_stacks() -> None:
    told = {
        "kosha-mine-chat": {"QuestionsQueueUrl": "q", "QuestionsDeadLettersUrl": "d", "SocketUrl": "wss://"},
        "kosha-mine-foundation": {"ArrivalsQueueUrl": "a", "ArrivalsDeadLettersUrl": "b"},
    }
    assert queues(Deployed(outputs=told), "mine") == {"questions": ("q", "d"), "arrivals": ("a", "b")}
    assert queues(Deployed(outputs=told), "other") == {}
