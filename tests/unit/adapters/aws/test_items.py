"""How values go to DynamoDB and come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kosha.adapters.aws.items import Item, marshalled, unmarshalled

plain = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
values = st.recursive(plain | st.booleans() | st.integers(), lambda inner: st.dictionaries(plain, inner))


@given(st.dictionaries(plain, values))
def test_what_goes_in_comes_out(item: Item) -> None:
    assert unmarshalled(marshalled(item)) == item


def test_truth_is_no_number() -> None:
    assert unmarshalled(marshalled({"is": True, "many": 1}))["is"] is True
    assert marshalled({"is": True, "many": 1}) == {"is": {"BOOL": True}, "many": {"N": "1"}}


def test_characters_that_cannot_be_kept_are_replaced() -> None:
    assert marshalled({"text": "a\x00b\ud800"}) == {"text": {"S": "a\ufffdb\ufffd"}}


def test_a_type_that_we_never_write_is_a_bug() -> None:
    with pytest.raises(ValueError, match="never write"):
        unmarshalled({"set": {"SS": ["a"]}})
