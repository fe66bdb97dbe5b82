"""Where files that belong to the program lie: beside this module in a wheel, at the repository's root in a checkout."""

from pathlib import Path

_PACKAGED = Path(__file__).parent / "files"
_CHECKOUT = Path(__file__).resolve().parents[5]


def ui_folder() -> Path:
    """The built web UI; in a checkout it may not be built yet."""
    return _folder("ui", "frontend/dist")


def guide_folder() -> Path:
    """The product's own guide, Markdown."""
    return _folder("guide", "docs/guide")


def statemachines_folder() -> Path:
    """The state machines, ASL."""
    return _folder("statemachines", "statemachines")


def _folder(packaged: str, checkout: str) -> Path:
    inside = _PACKAGED / packaged
    return inside if inside.is_dir() else _CHECKOUT / checkout
