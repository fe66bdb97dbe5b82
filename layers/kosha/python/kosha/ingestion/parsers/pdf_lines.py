"""Lines of a PDF page: words that their ends have parted are joined."""

import re

# pdfium writes this where a line ends in a hyphen, and leaves out the line end.
_BREAK = re.compile("[\ufffe\x02](?:\r?\n)?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_MOST_WORDS = 100_000


class Words:
    """The words met so far in a document: they tell whether a hyphen at a line end belongs to the word."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def learn(self, text: str) -> None:
        if len(self._seen) < _MOST_WORDS:
            self._seen.update(word.lower() for word in _WORD.findall(text))

    def join(self, first: str, second: str) -> str:
        """ "rea" + "sonable" is "reasonable"; "high" + "dimensional" is "high-dimensional" where that was met."""
        hyphenated = f"{first}-{second}"
        if not first or not second or not second[0].islower() or first[-1].isdigit():
            return hyphenated
        if (first + second).lower() in self._seen:
            return first + second
        both_are_words = len(first) > 2 and first.lower() in self._seen and second.lower() in self._seen
        return hyphenated if hyphenated.lower() in self._seen or both_are_words else first + second


def lines_of(text: str, words: Words) -> list[str]:
    """A page's raw text as lines without odd space; empty ones are kept, they part paragraphs."""
    return [" ".join(line.split()) for line in _whole_words(text, words).splitlines()]


def _whole_words(text: str, words: Words) -> str:
    """Join the words that line ends have parted; the words that are whole teach how."""
    parts = _BREAK.split(text)
    if len(parts) == 1:
        return text
    last = len(parts) - 1
    starts = [_letters_after(part) if i else 0 for i, part in enumerate(parts)]
    ends = [max(starts[i], _letters_before(part)) if i < last else len(part) for i, part in enumerate(parts)]
    for part, start, end in zip(parts, starts, ends, strict=True):
        words.learn(part[start:end])
    whole = [parts[0][: ends[0]]]
    begun = parts[0][ends[0] :]
    for i in range(1, len(parts)):
        begun = words.join(begun, parts[i][: starts[i]])
        if i == last or starts[i] < len(parts[i]):  # else the word goes on over one more line end
            whole += [begun, parts[i][starts[i] : ends[i]]]
            begun = parts[i][ends[i] :]
    return "".join(whole)


def _letters_before(part: str) -> int:
    """Where the word begins that the part ends in."""
    start = len(part)
    while start and part[start - 1].isalpha():
        start -= 1
    return start


def _letters_after(part: str) -> int:
    """Where the word ends that the part begins with."""
    end = 0
    while end < len(part) and part[end].isalnum():
        end += 1
    return end
