"""Citation markers in a stream: `[n]` passes only where passage n is there; anything else in brackets is text."""

import re

_LONGEST = 40  # characters of a marker, brackets and all: what is longer is text, so nothing is held back for long
_MAY_GROW = re.compile(r"\[[\s\d,;]*\Z")
_MARKERS = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_OPEN = re.compile(r"\[\d{0,3}\Z")
_OPEN_LONGEST = 4


class MarkerGate:
    """Holds back what may become a marker until it is known to resolve; drops one that does not.

    passages: how many passages the model was given; markers count from 1. `[1, 3]` becomes `[1][3]`. What comes out
    depends on the text alone, not on the pieces it came in.
    With no passage at all, nothing is a marker: `[1]` in code or prose stays as it is.
    """

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._held = ""
        self._before = ""  # the last characters that were let through

    def feed(self, text: str) -> str:
        """What may be shown after this piece of text."""
        if self._passages == 0:
            return text
        if not self._held and "[" not in text:  # as nearly every token
            return self._shown(text)
        text = self._held + text
        grows = _MAY_GROW.search(text)
        cut = grows.start() if grows and len(text) - grows.start() < _LONGEST else len(text)
        self._held = text[cut:]
        return self._shown(text[:cut])

    def close(self) -> str:
        """What was still held back when the text ended: it never became a marker."""
        held, self._held = self._held, ""
        return held

    def _shown(self, text: str) -> str:
        shown, end = "", 0
        for match in _MARKERS.finditer(text):
            before = (self._before + text[: match.start()])[-_OPEN_LONGEST:]
            shown += text[end : match.start()] + self._resolved(match, before)
            end = match.end()
        self._before = (self._before + text)[-_OPEN_LONGEST:]
        return shown + text[end:]

    def _resolved(self, match: re.Match[str], before: str) -> str:
        if len(match[0]) > _LONGEST:
            return match[0]
        numbers = [int(number) for number in re.split("[,;]", match[1])]
        kept = "".join(f"[{number}]" for number in numbers if 1 <= number <= self._passages)
        # Of `[[9]8]` nothing must be left that reads as a marker.
        return kept or (" " if _OPEN.search(before) else "")
