"""What a contract suite is given: the record ports of one technology, and how its time passes."""

from dataclasses import dataclass
from typing import Any, Protocol

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.postgres.documents import PostgresDocuments
from kosha.adapters.postgres.executions import PostgresExecutions
from kosha.adapters.postgres.replies import PostgresReplies
from kosha.adapters.postgres.schedules import PostgresSchedules
from kosha.adapters.postgres.sessions import PostgresSessions
from kosha.adapters.postgres.turns import PostgresTurns
from kosha.adapters.postgres.users import PostgresUsers
from kosha.adapters.postgres.workspaces import PostgresWorkspaces
from kosha.model.user import Account
from kosha.ports import Documents, Replies, Schedules, Sessions, Turns, Workspaces


class Store(Protocol):
    """The record ports that every technology has."""

    @property
    def workspaces(self) -> Workspaces: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def replies(self) -> Replies: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def turns(self) -> Turns:
        """As the first process sees them."""
        ...

    def turns_of(self, holder: str, **options: Any) -> Turns:
        """As another process sees them."""
        ...

    def know(self, account: Account) -> None:
        """Somebody signs up, wherever this technology has its users."""
        ...

    def pass_seconds(self, seconds: float) -> None:
        """All that is kept grows older."""
        ...


@dataclass(frozen=True)
class PostgresStore:
    """Fits `Store`; users and the executions of workflows are kept in PostgreSQL alone.

    used: what the adapters speak to. database: the same one, where time passes and tests look around.
    """

    used: Database
    database: Database

    @property
    def workspaces(self) -> PostgresWorkspaces:
        return PostgresWorkspaces(self.used)

    @property
    def documents(self) -> PostgresDocuments:
        return PostgresDocuments(self.used)

    @property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self.used)

    @property
    def replies(self) -> PostgresReplies:
        return PostgresReplies(self.used)

    @property
    def schedules(self) -> PostgresSchedules:
        return PostgresSchedules(self.used)

    @property
    def users(self) -> PostgresUsers:
        return PostgresUsers(self.used)

    @property
    def turns(self) -> PostgresTurns:
        return self.turns_of("first")

    def turns_of(self, holder: str, **options: Any) -> PostgresTurns:
        return PostgresTurns(self.used, holder=holder, **options)

    def executions_of(self, holder: str, **options: Any) -> PostgresExecutions:
        return PostgresExecutions(self.used, holder=holder, **options)

    def know(self, account: Account) -> None:
        self.users.add(account)

    def pass_seconds(self, seconds: float) -> None:
        def work(connection: Connection) -> None:
            for table, columns in _TIMES.items():
                older = ", ".join(f"{column} = {column} - make_interval(secs => {seconds})" for column in columns)
                connection.execute(f"update kosha.{table} set {older}")

        self.database.run(work)


_TIMES: dict[str, tuple[str, ...]] = {
    "turns": ("lease_until", "ended_at"),
    "executions": ("lease_until", "ended_at", "not_before"),
    "replies": ("begun_at",),
    "single_use_tokens": ("expires_at",),
}
