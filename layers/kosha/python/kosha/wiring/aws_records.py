"""Where a deployment keeps its records: in DynamoDB, and in the database what only those need who wake it anyway."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kosha.ports import (
    Connections,
    Followers,
    Frontier,
    Holdings,
    Hosts,
    Replies,
    Schedules,
    Sessions,
    Sources,
    Turns,
    Users,
    Workspaces,
    WorkspaceVersions,
)
from kosha.ports import Documents as DocumentRecords
from kosha.wiring.aws_parts import AwsParts, kept

if TYPE_CHECKING:
    from kosha.adapters.aws.dynamo_sessions import DynamoSessions
    from kosha.adapters.aws.dynamo_turns import DynamoTurns
    from kosha.adapters.aws.dynamo_workspaces import DynamoWorkspaces


class AwsRecords(AwsParts):
    """The ports of records."""

    @property
    @kept
    def workspaces(self) -> Workspaces:
        """In DynamoDB, with grants and counts."""
        return self._workspaces

    @property
    @kept
    def workspace_versions(self) -> WorkspaceVersions:
        """In the database, with the vectors."""
        from kosha.adapters.postgres.workspace_versions import PostgresWorkspaceVersions

        return PostgresWorkspaceVersions(self.database)

    @property
    @kept
    def documents(self) -> DocumentRecords:
        """In DynamoDB."""
        from kosha.adapters.aws.dynamo_documents import DynamoDocuments

        settings = self.settings
        return DynamoDocuments(
            self._dynamodb,
            table=settings.needed("documents_table"),
            workspaces_table=settings.needed("workspaces_table"),
        )

    @property
    @kept
    def sessions(self) -> Sessions:
        """In DynamoDB."""
        return self._sessions

    @property
    def turns(self) -> Turns:
        """In DynamoDB."""
        return self._turns

    @property
    def followers(self) -> Followers:
        """With the turns."""
        return self._turns

    @property
    @kept
    def holdings(self) -> Sequence[Holdings]:
        """Grants and sessions: the user pool forgets people without a word."""
        return self._workspaces, self._sessions

    @property
    @kept
    def connections(self) -> Connections:
        """In DynamoDB."""
        from kosha.adapters.aws.dynamo_connections import DynamoConnections

        return DynamoConnections(self._dynamodb, table=self.settings.needed("connections_table"), now=self.now)

    @property
    @kept
    def replies(self) -> Replies:
        """In DynamoDB."""
        from kosha.adapters.aws.dynamo_replies import DynamoReplies

        return DynamoReplies(self._dynamodb, table=self.settings.needed("replies_table"), now=self.now)

    @property
    @kept
    def schedules(self) -> Schedules:
        """In DynamoDB: a clock that asks every minute must not keep the database awake."""
        from kosha.adapters.aws.dynamo_schedules import DynamoSchedules

        return DynamoSchedules(self._dynamodb, table=self.settings.needed("documents_table"))

    @property
    @kept
    def sources(self) -> Sources:
        """Beside the vectors that come of them."""
        from kosha.adapters.postgres.sources import PostgresSources

        return PostgresSources(self.database)

    @property
    @kept
    def frontier(self) -> Frontier:
        """In the database, where the pages are."""
        from kosha.adapters.postgres.frontier import PostgresFrontier

        return PostgresFrontier(self.database)

    @property
    @kept
    def hosts(self) -> Hosts:
        """In the database."""
        from kosha.adapters.postgres.hosts import PostgresHosts

        return PostgresHosts(self.database)

    @property
    @kept
    def users(self) -> Users:
        """The people of the user pool, to be read."""
        from kosha.adapters.aws.cognito import CognitoUsers

        return CognitoUsers(self._client("cognito-idp"), self.settings.needed("user_pool_id"))

    @property
    @kept
    def _workspaces(self) -> "DynamoWorkspaces":
        from kosha.adapters.aws.dynamo_workspaces import DynamoWorkspaces

        return DynamoWorkspaces(
            self._dynamodb,
            table=self.settings.needed("workspaces_table"),
            documents_table=self.settings.needed("documents_table"),
            users=self.users,
            now=self.now,
        )

    @property
    @kept
    def _sessions(self) -> "DynamoSessions":
        from kosha.adapters.aws.dynamo_sessions import DynamoSessions

        return DynamoSessions(
            self._dynamodb,
            sessions_table=self.settings.needed("sessions_table"),
            turns_table=self.settings.needed("turns_table"),
            now=self.now,
        )

    @property
    @kept
    def _turns(self) -> "DynamoTurns":
        from kosha.adapters.aws.dynamo_turns import DynamoTurns

        settings = self.settings
        return DynamoTurns(
            self._dynamodb,
            turns_table=settings.needed("turns_table"),
            sessions_table=settings.needed("sessions_table"),
            now=self.now,
        )
