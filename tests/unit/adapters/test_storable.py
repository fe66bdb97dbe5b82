"""What no store can keep is replaced, whatever stands around it."""

import json

import pytest

from kosha.adapters.storable import storable, to_json


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("a\x00b", "a\ufffdb"),
        ("é\x00", "é\ufffd"),
        ("half \ud83d of one", "half \ufffd of one"),
        ("whole 🙂", "whole 🙂"),
        (r"\u0000 as six letters", r"\u0000 as six letters"),
    ],
)
def test_a_text_and_json_keep_all_but_nul_and_lone_surrogates(text: str, kept: str) -> None:
    assert storable(text) == kept
    assert json.loads(to_json({text: [text, 1, None]})) == {kept: [kept, 1, None]}
    to_json(text).encode()
