"""The cross-encoders at hand, from wherever they come."""

from collections.abc import Sequence

from kosha.ports import CrossEncoder


class KnownCrossEncoders:
    """Fits the port CrossEncoders. missing: why there are none, and what would bring one."""

    def __init__(self, known: Sequence[CrossEncoder], missing: str) -> None:
        self._known = list(known)
        self._missing = missing

    def list(self) -> list[CrossEncoder]:
        """Those that can be used now, the default one first."""
        return self._known

    def get(self, provider: str, name: str) -> CrossEncoder | None:
        """None where it is not at hand."""
        return next((one for one in self._known if (one.provider, one.name) == (provider, name)), None)

    def missing(self) -> str | None:
        """Why there is none; None where there is."""
        return None if self._known else self._missing
