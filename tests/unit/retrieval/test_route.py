"""Routed test questions: what needs no search, what is looked up by its letters, what is a question."""

import pytest

from kosha.model.chunk import Hit
from kosha.retrieval.route import exact_pair, route


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Hi", "en"),
        ("Hello there, how are you?", "en"),
        ("Thanks a lot!", "en"),
        ("ok, thank you very much :)", "en"),
        ("Good morning everyone", "en"),
        ("Danke schön!", "de"),
        ("Guten Tag", "de"),
        ("merci beaucoup", "fr"),
        ("¡Hola!", "es"),
        ("Grazie mille", "it"),
        ("Спасибо", "ru"),
        ("شكرا", "ar"),
        ("धन्यवाद", "hi"),
        ("谢谢！", "zh"),
        ("ありがとうございます。", "ja"),
        ("감사합니다", "ko"),
    ],
)
def test_greetings_and_thanks_are_small_talk(said: str, language: str) -> None:
    assert route(said) == ("small talk", language)


@pytest.mark.parametrize("said", ["C2065", "error C2065", "What is ERR_42?", "v2.1.7", "Article 21A", "0xC0000005"])
def test_a_code_is_an_identifier(said: str) -> None:
    assert route(said).name == "identifier"


@pytest.mark.parametrize(
    "said",
    [
        "How many days of leave do I have?",
        "Hi, how many days of leave do I have?",
        "thanks, and in Berlin?",
        "Wie lange dauert die Probezeit?",
        "What is the leave policy for 2024?",
        "休暇は何日ですか",
        "leave",
        "hello world in Python",
        "good",
        "",
        "?",
        "how to fix ERR_42 when the pump has stopped",
    ],
)
def test_anything_else_is_a_question(said: str) -> None:
    assert route(said).name == "question"


def pair(question: str, document_type: str = "qna") -> Hit:
    return Hit.model_validate(
        {"chunk_id": question, "document_id": "d", "document_type": document_type, "title": "", "path": "",
         "content": question, "content_complement": "Room 0.17."}
    )  # fmt: skip


def test_a_known_question_is_found_whatever_its_case_and_punctuation() -> None:
    known = pair("Who repairs the printer?")
    assert exact_pair("who repairs the Printer", (pair("Who repairs the car?"), known)) is known
    assert exact_pair("who repairs it", (known,)) is None
    assert exact_pair("Who repairs the printer?", (pair("Who repairs the printer?", "text"),)) is None
