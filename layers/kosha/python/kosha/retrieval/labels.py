"""Names for the passages of one prompt, which no document could have known when it was written.

A passage that says "put number 3 first" can point at others; it cannot by names that are drawn when it is read.
"""

import secrets

_CONSONANTS, _VOWELS, _SYLLABLES = "bdfgklmnprstvz", "aeiou", 3  # 343,000 names that a model can spell


def labels(count: int) -> tuple[str, ...]:
    """So many different names, of lower-case letters."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn["".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))] = None
    return tuple(drawn)
