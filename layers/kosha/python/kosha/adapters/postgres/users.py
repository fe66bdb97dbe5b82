"""The people of one machine and the tokens that are good once, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from psycopg.rows import TupleRow

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.once import once
from kosha.adapters.postgres.paging import after_name, cut
from kosha.adapters.postgres.sessions import remove_sessions
from kosha.adapters.postgres.single_use import drop_token, drop_tokens_of, keep_token, take_token
from kosha.adapters.storable import storable
from kosha.errors import Conflict, NotFound
from kosha.model.page import Page, PageOf
from kosha.model.user import Account, Role, User

_INSERT = """
    insert into kosha.accounts (id, name, roles, password_hash, valid_after, created_at)
    values (%s, %s, %s, %s, %s, %s) on conflict do nothing"""
_BY_ID = "select id, name, roles, password_hash, valid_after, created_at from kosha.accounts where id = %s"
_BY_NAME = "select id, name, roles, password_hash, valid_after, created_at from kosha.accounts where name = %s"
_PAGE = """
    select name, id, roles from kosha.accounts where (name, id) > (%s, %s) order by name, id limit %s"""
# Grows at every change, also within one second: a token of that second is void too.
_RENEW = """
    update kosha.accounts
    set password_hash = %s, valid_after = greatest(valid_after + 1, floor(extract(epoch from now()))::bigint)
    where id = %s"""
# The order keeps two such calls from waiting for each other.
_LOCK_ADMINISTRATORS = "select id from kosha.accounts where 'admin' = any(roles) order by id for update"


class PostgresUsers:
    """Fits the port `Users`; besides it keeps refresh and one-time tokens by their digests."""

    managed_here = True

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        return self._account(_BY_ID, user_id).user

    def named(self, name: str) -> User:
        """Raises NotFound."""
        return self.account(name).user

    def list(self, page: PageOf) -> Page[User]:
        """By name. Raises Invalid for a malformed cursor."""
        values = (*after_name(page.cursor), page.limit + 1)
        rows = self._database.ask(lambda c: c.execute(_PAGE, values).fetchall())
        return cut(rows, page.limit, lambda row: User(id=row[1], name=row[0], roles=tuple(row[2])))

    def account(self, name: str) -> Account:
        """Raises NotFound."""
        return self._account(_BY_NAME, name)

    def add(self, account: Account) -> None:
        """Raises Conflict if the name is taken."""
        user = account.user
        values = (
            storable(user.id),
            storable(user.name),
            list(user.roles),
            account.password_hash,
            account.valid_after,
            account.created_at,
        )

        def write(connection: Connection) -> bool:
            return connection.execute(_INSERT, values).rowcount > 0

        def is_written(connection: Connection) -> bool:
            row = connection.execute(_BY_ID, values[:1]).fetchone()
            return row is not None and row[1] == values[1]

        if not once(self._database, write, is_written=is_written):
            raise Conflict(f"There is a user {user.name!r} already. Choose another name.")

    def set_roles(self, user_id: str, roles: Sequence[Role]) -> User:
        """Raises NotFound, and Conflict rather than leave nobody to administer."""

        def work(connection: Connection) -> TupleRow | None:
            if "admin" not in roles:
                _keep_an_administrator(connection, user_id)
            statement = "update kosha.accounts set roles = %s where id = %s returning id, name, roles"
            return connection.execute(statement, (list(roles), storable(user_id))).fetchone()

        row = self._database.run(work)
        if row is None:
            raise NotFound("user", user_id)
        return User(id=row[0], name=row[1], roles=tuple(row[2]))

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Also voids every token given out before. Raises NotFound."""

        def work(connection: Connection) -> int:
            drop_tokens_of(connection, user_id)
            return connection.execute(_RENEW, (password_hash, storable(user_id))).rowcount

        if not self._database.run(work):
            raise NotFound("user", user_id)

    def rehash(self, user_id: str, old_hash: str, new_hash: str) -> None:
        """Keep the same password under a costlier hash; nothing happens where it was changed meanwhile."""
        statement = "update kosha.accounts set password_hash = %s where id = %s and password_hash = %s"
        self._database.ask(lambda c: c.execute(statement, (new_hash, storable(user_id), old_hash)))

    def remove(self, user_id: str) -> None:
        """With grants, sessions and tokens; nothing happens where the user is gone.

        Raises Conflict for the last administrator.
        """
        key = storable(user_id)

        def work(connection: Connection) -> None:
            _keep_an_administrator(connection, user_id)
            remove_sessions(connection, user_id)
            connection.execute("delete from kosha.grants where user_id = %s", (key,))
            connection.execute("delete from kosha.replies where user_id = %s", (key,))
            connection.execute("delete from kosha.accounts where id = %s", (key,))

        self._database.run(work)

    def keep_refresh(self, token_digest: str, user_id: str, expires_at: datetime) -> None:
        """Keep a refresh token, which is good once. Raises Unauthorized where the user is gone."""
        keep_token(self._database, "refresh", token_digest, user_id, expires_at)

    def take_refresh(self, token_digest: str) -> str:
        """The user whom the token is for; it is used up.

        Raises Unauthorized for one that is unknown, expired or used; one that was used voids all of that user.
        """
        return take_token(self._database, "refresh", token_digest)

    def drop_refresh(self, token_digest: str) -> None:
        """Sign out: forget the token."""
        drop_token(self._database, "refresh", token_digest)

    def keep_one_time(self, token_digest: str, user_id: str, expires_at: datetime) -> None:
        """Keep the token of a sign-in link. Raises Unauthorized where the user is gone."""
        keep_token(self._database, "one_time", token_digest, user_id, expires_at)

    def take_one_time(self, token_digest: str) -> str:
        """The user whom the token is for; it is used up. Raises Unauthorized when it is unknown, expired or used."""
        return take_token(self._database, "one_time", token_digest)

    def _account(self, statement: LiteralString, name: str) -> Account:
        row = self._database.ask(lambda c: c.execute(statement, (storable(name),)).fetchone())
        if row is None:
            raise NotFound("user", name)
        user = User(id=row[0], name=row[1], roles=tuple(row[2]))
        return Account(user=user, password_hash=row[3], valid_after=row[4], created_at=row[5])


def _keep_an_administrator(connection: Connection, user_id: str) -> None:
    """Raises Conflict if this user is the only administrator. Holds their rows until the end of the transaction."""
    administrators = [row[0] for row in connection.execute(_LOCK_ADMINISTRATORS).fetchall()]
    if administrators == [storable(user_id)]:
        raise Conflict("Somebody has to administer. Make another user an administrator first.")
