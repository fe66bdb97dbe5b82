"""Passwords as argon2id hashes."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's first choice (Password Storage Cheat Sheet, 2026-11): 46 MiB, one pass, one lane; some 50 ms.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)


class ArgonPasswords:
    """Hashes and checks passwords; the same letters typed in two Unicode forms are one password."""

    def __init__(self) -> None:
        self._nobody = self.hash("the password of a user who is not there")

    def hash(self, password: str) -> str:
        """A salted hash, good to keep."""
        return _HASHER.hash(_normal(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; None (nobody of that name, or no password set) takes as long and is False."""
        try:
            return _HASHER.verify(password_hash or self._nobody, _normal(password)) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made at another cost than today's, and should be made again at the next sign-in."""
        return _HASHER.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
