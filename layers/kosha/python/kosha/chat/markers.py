"""Citation markers in a stream: `[n]` passes only where passage n is there; anything else in brackets is text."""

import re

_MAY_GROW = re.compile(r"\[(?:\s*\d{1,3}\s*(?:[,;]\s*\d{0,3}\s*)*)?$")  # what may still become a marker, or several
_MARKERS = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_LONGEST_HELD = 40


class MarkerGate:
    """Holds back what may become a marker until it is known to resolve; drops one that does not.

    passages: how many passages the model was given; markers count from 1. `[1, 3]` becomes `[1][3]`.
    With no passage at all, nothing is a marker: `[1]` in code or prose stays as it is.
    """

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._held = ""
        self.used: set[int] = set()

    def feed(self, text: str) -> str:
        """What may be shown after this piece of text."""
        if self._passages == 0:
            return text
        if not self._held and "[" not in text:
            return text
        text = self._held + text
        grows = _MAY_GROW.search(text)
        cut = grows.start() if grows and len(text) - grows.start() <= _LONGEST_HELD else len(text)
        self._held = text[cut:]
        return _MARKERS.sub(self._resolve, text[:cut])

    def close(self) -> str:
        """What was still held back when the text ended: it never became a marker."""
        held, self._held = self._held, ""
        return held

    def _resolve(self, match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.split(r"[,;]", match[1])]
        kept = [number for number in numbers if 1 <= number <= self._passages]
        self.used.update(kept)
        return "".join(f"[{number}]" for number in kept)
