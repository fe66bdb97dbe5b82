"""Looks at every section on its way out: smuggled letters go, and what reads like an order to a model is told."""

from collections.abc import Iterator
from dataclasses import replace

from kosha.ingestion.parsers.hidden import shortened
from kosha.ingestion.parsers.smuggled import without_smuggled
from kosha.ingestion.parsers.source import Notes
from kosha.instructions import found_in
from kosha.model.section import Section

_SHOWN_PLACES = 5


class Inspection:
    """One file's sections as they pass by. `tell` comes after the last."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._places: list[str] = []
        self._first = ""

    def over(self, sections: Iterator[Section]) -> Iterator[Section]:
        """The same sections, without letters that nobody can see."""
        for section in sections:
            place = _place(section)
            text, smuggled = without_smuggled(section.text)
            for words in smuggled:
                self._notes.hidden.add("invisible Unicode characters", words, place)
            found = found_in(text)
            if found:
                self._first = self._first or found
                self._places.append(place)
            if section.heading and not section.heading.isascii():
                section = replace(section, heading=without_smuggled(section.heading)[0])
            yield section if text is section.text else replace(section, text=text)

    def tell(self) -> None:
        """Note what was found."""
        for sentence in self._notes.hidden.sentences():
            self._notes.warn(sentence)
        if self._first:
            places = list(dict.fromkeys(filter(None, self._places)))
            more = f" and {len(places) - _SHOWN_PLACES} more places" if len(places) > _SHOWN_PLACES else ""
            where = f" ({', '.join(places[:_SHOWN_PLACES])}{more})" if places else ""
            self._notes.warn(
                f"Poisoned? The text holds what reads like an instruction to a language model{where}: "
                f"“{shortened(self._first)}”. It is searched as text and nothing obeys it; check where the file "
                "comes from."
            )


def _place(section: Section) -> str:
    if section.page is not None:
        return f"page {section.page}"
    return f"under “{section.heading}”" if section.heading else ""
