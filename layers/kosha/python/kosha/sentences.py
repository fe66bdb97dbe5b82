"""Where the sentences of a text begin and end, in many languages, so that a quote is the text's own words."""

import re
from collections.abc import Iterator

Span = tuple[int, int]  # start and end in the text

# Full stops of scripts that put no space after them, or are never part of an abbreviation.
_HARD_STOPS = "。！？｡．؟۔।॥։።፧།៕။"
_STOP = re.compile(rf"(?:[.!?…‽]+|[{_HARD_STOPS}]+)[\"'”’»›」』）)\]*_]*")
_AFTER_STOP = re.compile(r"[ \t]+|$")
_LINE = re.compile(r"[^\n]+")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘«„/]+$")
_OPENS_LOWER = re.compile(r"[\"'“‘«„(\[*_]*(?:[^\W\d_A-Z])")
_LONGEST_WORD = 40
# Thai and Lao part clauses and sentences alike by a space, and have no stop: after so many characters one is taken.
_SPACE_INSIDE = re.compile(r"(?<=[\u0e00-\u0eff]) +(?=[\u0e00-\u0eff])")
_CLAUSE_LEAST_CHARACTERS = 60
# 「行きます。」と言った。 goes on, and so does ３．５.
_GOES_ON_AFTER_HARD_STOP = re.compile(r"(?<=[」』）])[\u3041-\u3096]|(?<=．)\d")

# Words that end in a full stop without ending a sentence. Lower case, without the last stop.
_ABBREVIATED = """
    mr mrs ms dr prof rev hon st sr jr gen col capt lt sgt gov sen rep pres messrs
    vs etc e.g i.e eg ie cf viz al approx ca c fig figs eq eqs sec ch chap vol vols no nos art arts pp p para par app
    ed eds tab ref refs ver min max est dept univ inc ltd co corp bros op cit ibid esp resp incl excl tel ext
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun u.s u.k e.u u.n d.c ph.d a.m p.m
    bzw z.b d.h u.a u.ä usw evtl ggf inkl exkl abs nr str bspw vgl sog geb gest hrsg jh mio mrd s.o s.u zzgl abb anm
    aufl bd dipl ing frl hr fr i.d.r m.e o.g v.a v.chr n.chr
    m mm mme mlle me p.ex c.-à-d av env éd réf
    sra srta dña ud uds ee.uu pág págs núm aprox
    sig sigg dott avv pag ecc
    dhr mevr dhz o.a m.b.t t.a.v nl bv enz blz
    t.d tzn m.in np ul godz tj itp itd ww
    т.е т.д т.п т.к г гг др см стр рис ул
"""
_MONTH_NAMES = """
    januar februar märz april mai juni juli august september oktober november dezember januari februari mars maj
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_MONTHS = frozenset(_MONTH_NAMES.split())


def sentences(text: str) -> list[str]:
    """The sentences in order, stripped, each a verbatim stretch of the text. A line is never joined with the next."""
    return [text[start:end] for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> Iterator[Span]:
    """(start, end) of each sentence. Every character that is not white space is in exactly one."""
    for line in _LINE.finditer(text):
        start = line.start()
        for end in _ends(text, line.start(), line.end()):
            yield from _stripped(text, start, end)
            start = end
        yield from _stripped(text, start, line.end())


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Positions inside a line where a sentence has ended."""
    last = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() >= end:
            break
        if _is_end(text, start, stop):
            yield from _clause_ends(text, last, stop.end())
            yield stop.end()
            last = stop.end()
    yield from _clause_ends(text, last, end)


def _is_end(text: str, line_start: int, stop: re.Match[str]) -> bool:
    if stop[0][0] in _HARD_STOPS:
        return not _GOES_ON_AFTER_HARD_STOP.match(text, stop.end())
    return bool(_AFTER_STOP.match(text, stop.end())) and not _goes_on(text, line_start, stop)


def _clause_ends(text: str, start: int, end: int) -> Iterator[int]:
    for space in _SPACE_INSIDE.finditer(text, start, end):
        if space.start() - start >= _CLAUSE_LEAST_CHARACTERS:
            yield space.start()
            start = space.end()


def _goes_on(text: str, line_start: int, stop: re.Match[str]) -> bool:
    """Whether the stop belongs to an abbreviation, an initial, a number in order or a pause in mid-sentence."""
    following = text[stop.end() : stop.end() + _LONGEST_WORD].lstrip(" \t")
    if _OPENS_LOWER.match(following) and following[:1] != following[:1].upper():
        return True
    if not stop[0].startswith(".") or stop[0].startswith(".."):
        return False
    before = _WORD_BEFORE.search(text, max(line_start, stop.start() - _LONGEST_WORD), stop.start())
    if before is None:
        return False
    word = before[0]
    if word.lower() in _ABBREVIATIONS:
        return True
    if len(word) == 1 and word.isalpha():  # an initial, or the first half of "z. B."
        return word.isupper() or following[1:2] == "."
    if word.isdecimal() and len(word) <= 2:
        return before.start() == line_start or following.split(" ", 1)[0].strip(",.").lower() in _MONTHS
    return False


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
