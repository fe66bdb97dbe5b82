"""Has a database put out sessions that do nothing, so that one that may sleep is not kept awake by them."""

from psycopg import sql

from kosha.adapters.postgres.database import Connection, Database, one


def put_out_idle_sessions(database: Database, *, after_seconds: int) -> None:
    """From now on each new session of our role ends after so long without a statement; its owner connects again."""

    def work(connection: Connection) -> None:
        role = one(connection.execute("select current_user").fetchone())
        connection.execute(
            sql.SQL("alter role {} set idle_session_timeout = {}").format(
                sql.Identifier(role), sql.Literal(f"{after_seconds}s")
            )
        )

    database.run(work)
