"""What a person types into a search box, as PostgreSQL looks for it."""

import re

from kosha.adapters.storable import storable
from kosha.adapters.words import composed, words_of


def as_tsquery(query: str) -> str | None:
    """A tsquery for all words, each as the beginning of one; None where words do not find what was meant."""
    return " & ".join(f"'{word}':*" for word in words_of(query)) or None


def as_pattern(query: str) -> str:
    """An ILIKE pattern for the text as it stands."""
    escaped = re.sub(r"([\\%_])", r"\\\1", storable(composed(query)))
    return f"%{escaped}%"
