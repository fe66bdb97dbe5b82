"""Passwords where the user pool has the people, and their passwords."""

from kosha.errors import NotInThisVersion


class NoPasswords:
    """Fits the port `Passwords` where the user pool has them."""

    def hash(self, password: str) -> str:  # noqa: ARG002 # the port has it
        """Refuses."""
        raise NotInThisVersion("The user pool has the people. Manage them there.")

    def matches(self, password_hash: str | None, password: str) -> bool:  # noqa: ARG002 # there is nothing to compare
        """Never."""
        return False

    def is_outdated(self, password_hash: str) -> bool:  # noqa: ARG002 # as above
        """Never."""
        return False
