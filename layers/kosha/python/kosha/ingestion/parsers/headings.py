"""The path of headings that leads to where a reader is."""

from dataclasses import dataclass, field

SEPARATOR = " > "
_LONGEST = 200


@dataclass(slots=True)
class Headings:
    """Headings by level (1 is the highest; levels may be skipped)."""

    _open: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def enter(self, level: int, title: str) -> None:
        """A heading begins: it closes those of its own level and below."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, " ".join(title.split())[:_LONGEST]))

    @property
    def path(self) -> str | None:
        """ "Handbook > Leave > Parents"; None before the first heading."""
        return SEPARATOR.join(title for _, title in self._open) or None
