"""JSON and JSON Lines."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ingestion.parsers.files import parsed, refusal, text_of

from kosha.ingestion.parsers import json_file


def test_each_record_is_a_line_under_its_path(tmp_path: Path) -> None:
    content = {
        "company": "Acme",
        "staff": [{"name": "Ada", "address": {"city": "London"}, "tags": ["x", "y"]}, {"name": "Bob"}],
    }
    assert text_of(parsed(tmp_path, "a.json", json.dumps(content, indent=2))).split("\n") == [
        "company: Acme",
        "staff[0]: name: Ada; address.city: London; tags: x; tags: y",
        "staff[1]: name: Bob",
    ]


def test_json_lines_are_records(tmp_path: Path) -> None:
    assert text_of(parsed(tmp_path, "a.json", '{"a": "one"}\n{"a": "two"}\n')) == "a: one\na: two"


@pytest.mark.parametrize(
    "content", ['{"a": [1, 2', '[{"a": "b"}', '{"a": "b', '{"a" "b"}', "[1 2]", '{"a": 1}}', "[nonsense]"]
)
def test_broken_json_is_refused_with_the_place(tmp_path: Path, content: str) -> None:
    assert "not valid JSON" in refusal(tmp_path, "a.json", content)


def test_a_hundred_thousand_levels_are_refused_and_do_not_crash(tmp_path: Path) -> None:
    assert "more than 200 levels" in refusal(tmp_path, "a.json", "[" * 100_000)


@settings(deadline=None)
@given(
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.text(st.characters(categories=["L", "N"]), min_size=1)),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4),
            st.dictionaries(st.text(st.characters(categories=["Lu"]), min_size=1), inner, min_size=1, max_size=4),
        ),
        max_leaves=20,
    ),
    st.integers(1, 7),
)
def test_every_value_is_read_wherever_the_blocks_are_cut(value: object, block: int) -> None:
    text = json.dumps(value, indent=1)
    blocks = iter([text[start : start + block] for start in range(0, len(text), block)])
    lines = "\n".join(json_file.lines_of(blocks, "a.json", deepest=200))
    for leaf in _leaves(value):
        assert leaf in lines


def _leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [json.dumps(value) if isinstance(value, bool | int) else json_file.one_line(str(value))]
