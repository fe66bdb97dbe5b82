"""Where sentences end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kosha.sentences import sentence_spans, sentences


@pytest.mark.parametrize(
    "text",
    [
        "Leave is 25 days.| It is paid.",
        "Dr. Smith met Mr. J. R. Jones, e.g. in the U.S. Army.| They spoke.",
        "It costs 3.50 euros.| Version 2.0 is out!| Really?| Yes.",
        'He said "Stop."| Then he left.',
        "Wait... and go on.| Done.",
        "Gilt z. B. nicht am 3. Mai 2020.| Danach schon.",
        "M. Dupont est arrivé.| Il est reparti.",
        "この文は一つ。|これは二つ！|「三つ」です。",
        "第一句。|第二句？|第三句！",
        "「行きます。」と彼は言った。|「そうですか。」|『はい。』って。",
        "长度是３．５米。|“好。”|他说完就走了。|（见第三章。）|下一句。",
        "价格上涨；需求下降：原因很多。|结束了……真的吗？！|对。",
        "ပထမ။|ဒုတိယ။",
        "هذه جملة.| وهذه أخرى؟| نعم.",
        "यह एक वाक्य है।| यह दूसरा है।",
        "In 2019.| The next year.",
        "Visit example.com today.| See readme.md there.",
        "1. First step.|\n2. Second step.",
        "- one|\n- two",
        "Name: Ada; Role: Engineer|\nName: Bob; Role: Cook",
        "A title|\n\nA paragraph.| And more.",
        "She asked why.| He didn't know.",
    ],
)
def test_a_text_is_parted_where_its_sentences_end(text: str) -> None:
    assert sentences(text.replace("|", "")) == [part.strip() for part in text.split("|")]


def test_thai_is_parted_at_spaces_into_clauses_that_are_long_enough_to_say_something() -> None:
    clause = "พนักงานทุกคนมีสิทธิลาพักร้อนได้ปีละยี่สิบห้าวันทำการโดยได้รับค่าจ้างตามปกติ"
    assert sentences(f"{clause} {clause} มาก ๆ {clause}") == [clause, clause, f"มาก ๆ {clause}"]
    assert sentences("สวัสดี ครับ") == ["สวัสดี ครับ"]
    assert sentences("ใช้ Python 3 ได้") == ["ใช้ Python 3 ได้"]


@settings(deadline=None)
@given(st.text(st.sampled_from('ab A1.!?。 \n\t")-é😀กข」と')) | st.text())
def test_sentences_are_stretches_of_the_text_and_lose_nothing(text: str) -> None:
    spans = list(sentence_spans(text))
    before = 0
    for start, end in spans:
        assert before <= start < end
        assert not text[before:start].strip()
        assert text[start:end] == text[start:end].strip()
        before = end
    assert not text[before:].strip()


def test_a_million_full_stops_do_not_take_their_square() -> None:
    assert len(sentences("a.b. " * 200_000)) >= 1
    assert len(sentences("." * 1_000_000)) == 1
