"""Text that a file holds and no reader of it sees: gathered by reader, told in one sentence a way of hiding."""

from dataclasses import dataclass, field

from kosha.ingestion.parsers.clean import one_line
from kosha.instructions import found_in

_SHOWN_CHARACTERS = 120
_MOST_KEPT_CHARACTERS = 20_000
_MOST_PLACES = 5


@dataclass(slots=True)
class _Way:
    """What one way of hiding hid. `words` is only the beginning of a lot."""

    characters: int = 0
    words: str = ""
    places: dict[str, None] = field(default_factory=dict[str, None])


@dataclass(slots=True)
class HiddenText:
    """Hidden words by how they were hidden, such as "white on white"."""

    _ways: dict[str, _Way] = field(default_factory=dict[str, _Way])
    _usual: dict[str, _Way] = field(default_factory=dict[str, _Way])

    def add(self, how: str, words: str, place: str = "") -> None:
        """Words that were left out because nobody sees them. place: such as "page 3"."""
        self._note(self._ways, how, words, place)

    def add_usual(self, how: str, words: str, place: str = "") -> None:
        """Words out of sight that honest files have too, such as comments in code: told only where they instruct."""
        self._note(self._usual, how, words, place)

    def _note(self, ways: dict[str, _Way], how: str, words: str, place: str) -> None:
        words = one_line(words)
        if not words:
            return
        way = ways.setdefault(how, _Way())
        way.characters += len(words.replace(" ", ""))
        if len(way.words) < _MOST_KEPT_CHARACTERS:
            way.words = f"{way.words} {words[:_MOST_KEPT_CHARACTERS]}".strip()
        if place and len(way.places) < _MOST_PLACES:
            way.places[place] = None

    def sentences(self) -> list[str]:
        """Warnings for the person who brought the file."""
        told = [_left_out(how, way) for how, way in self._ways.items()]
        return told + [_instructing(how, way) for how, way in self._usual.items() if found_in(way.words, hidden=True)]


def _left_out(how: str, way: _Way) -> str:
    if found_in(way.words, hidden=True):
        return _instructing(how, way)
    return (
        f"Hidden text ({way.characters} characters, {how}{_where(way)}), which a reader does not see, was left out: "
        f"“{shortened(way.words)}”."
    )


def _instructing(how: str, way: _Way) -> str:
    found = found_in(way.words, hidden=True)
    return (
        f"Poisoned? Hidden text ({how}{_where(way)}) reads like an instruction to a language model: "
        f"“{shortened(found or way.words)}”. It was left out, and nothing obeys it; check where the file comes from."
    )


def _where(way: _Way) -> str:
    return f"; {', '.join(way.places)}" if way.places else ""


def shortened(words: str) -> str:
    """The beginning of a long text."""
    return words if len(words) <= _SHOWN_CHARACTERS else words[:_SHOWN_CHARACTERS].rstrip() + " …"
