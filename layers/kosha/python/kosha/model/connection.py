"""A socket that a user holds open through a gateway, and on whose word it was opened."""

from kosha.model.record import Moment, Record
from kosha.model.user import Caller, User


class Authorisation(Record):
    """What a verified token said: enough to ask again at every frame, without the token, whether it still holds.

    token_id: the name by which the token is revoked. issued_at, expires_at: seconds since 1970.
    """

    user: User
    token_id: str
    issued_at: int
    expires_at: int

    @property
    def caller(self) -> Caller:
        """Who speaks on the connection."""
        return Caller(user=self.user, expires_at=self.expires_at)


class Connection(Record):
    """One open socket; its id is the gateway's."""

    id: str
    authorisation: Authorisation
    connected_at: Moment

    @property
    def user(self) -> User:
        """Whose it is."""
        return self.authorisation.user
