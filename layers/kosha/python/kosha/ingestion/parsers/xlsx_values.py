"""What an Excel cell shows: shared strings, dates, percentages and plain numbers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import Package, attribute, forget, local
from kosha.ingestion.parsers.untyped_xml import Element

_EPOCH_1900 = datetime(1899, 12, 30, tzinfo=UTC)  # Excel believes in 29 February 1900; from March 1900 this is exact
_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])  # ECMA-376 18.8.30
_BUILT_IN_PERCENT = frozenset({9, 10})
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]|_.|\*.', re.I)
_DATE_CODE = re.compile(r"[ymdhs]", re.I)
_LAST_DAY = 2_958_465  # 9999-12-31


def shared_strings(package: Package, name: str) -> list[str]:
    """The workbook's table of strings, without phonetic guides. Empty where there is none."""
    strings: list[str] = []
    if package.has(name):
        for item in package.stream(name, "si"):
            strings.append(rich_text(item))
            forget(item)
    return strings


def rich_text(item: Element) -> str:
    """The words of a string that may be made of runs."""
    parts = (text.text or "" for text in item.iter("{*}t") if local(text.getparent()) != "rPh")
    return one_line("".join(parts))


def column_number(reference: str | None, default: int) -> int:
    """Of "AB12" the column's number, from 0."""
    number = 0
    for letter in reference or "":
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1 if number else default


class Formats:
    """How numbers are shown, by the style's index."""

    def __init__(self, styles: Element | None, *, dates_from_1904: bool) -> None:
        self._epoch = _EPOCH_1904 if dates_from_1904 else _EPOCH_1900
        self._kinds = list(_kinds(styles)) if styles is not None else []
        self.hides = 0  # how many cells were met whose format shows nothing

    def shown(self, number: str, style: str | None) -> str:
        """ "2024-03-01", "12.5%", "1234.5"; a number that is none as it stands."""
        try:
            value = float(number)
        except ValueError:
            return one_line(number)
        kind = self._kind(style)
        self.hides += kind == "nothing"
        if kind == "date" and 0 <= value <= _LAST_DAY:
            return self._date(value)
        if kind == "percent":
            return f"{value * 100:.10g}%"
        return f"{value:.15g}" if abs(value) < 1e15 else number

    def _kind(self, style: str | None) -> str:
        index = whole(style, len(self._kinds))
        return self._kinds[index] if index < len(self._kinds) else "number"

    def _date(self, days: float) -> str:
        if days < 1:
            return (self._epoch + timedelta(days=days)).strftime("%H:%M:%S")
        moment = self._epoch + timedelta(seconds=round(days * 86400))
        midnight = moment.hour == moment.minute == moment.second == 0
        return moment.date().isoformat() if midnight else moment.strftime("%Y-%m-%d %H:%M:%S")


def _kinds(styles: Element) -> Iterator[str]:
    own = {attribute(code, "numFmtId"): attribute(code, "formatCode") or "" for code in styles.iter("{*}numFmt")}
    for formats in styles.iterchildren("{*}cellXfs"):
        for item in formats.iterchildren("{*}xf"):
            code = attribute(item, "numFmtId") or "0"
            number = whole(code, 0)
            if code in own:
                yield _kind_of_code(own[code])
            elif number in _BUILT_IN_DATES:
                yield "date"
            else:
                yield "percent" if number in _BUILT_IN_PERCENT else "number"


def _kind_of_code(code: str) -> str:
    if code.strip() in (";;", ";;;"):
        return "nothing"
    bare = _NOT_A_CODE.sub("", code.split(";")[0])
    if "general" in bare.lower():
        return "number"
    if _DATE_CODE.search(bare):
        return "date"
    return "percent" if "%" in bare else "number"
