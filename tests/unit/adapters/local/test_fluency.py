"""Telling from its pieces how well a text's words are known."""

from pathlib import Path

import pytest

from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import NoWeights, find_weights


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> MiniLmEmbedder:
    cache: Path = tmp_path_factory.mktemp("cache")
    weights = find_weights(folder=None, cache=cache, may_download=False)
    assert not isinstance(weights, NoWeights), weights.reason
    return MiniLmEmbedder(weights, cache=cache)


@pytest.mark.parametrize(
    "text",
    [
        "How many days of leave do I have?",
        "Who invented the steam engine, and when?",
        "LEAVE DAYS",
        "25 + 17?",
        "",
    ],
)
def test_english_is_known(embedder: MiniLmEmbedder, text: str) -> None:
    assert embedder.embed_tokens([text], kind="query").fluency == [1.0]


@pytest.mark.parametrize(
    "text",
    [
        "Wie viele Urlaubstage stehen mir im ersten Beschäftigungsjahr zu?",
        "¿Cuántos días de vacaciones corresponden al trabajador durante el primer año?",
        "战国无双是由哪两个公司合作开发的",
    ],
)
def test_other_languages_are_known_less(embedder: MiniLmEmbedder, text: str) -> None:
    assert 0 < embedder.embed_tokens([text], kind="query").fluency[0] < 0.7


def test_codes_are_known_least_and_a_code_in_a_sentence_matters_little(embedder: MiniLmEmbedder) -> None:
    texts = ["ERR_42", "What does the printer mean when it shows the error ERR_42 after a jam?"]
    alone, within = embedder.embed_tokens(texts, kind="query").fluency
    assert alone < 0.3
    assert within > 0.85
