"""First replies by idempotency key in PostgreSQL."""

from kosha.adapters.postgres.database import Connection, Database
from kosha.adapters.storable import storable
from kosha.errors import Conflict, Invalid
from kosha.ports import StoredReply

_SWEEP = "delete from kosha.replies where begun_at < now() - interval '24 hours'"
# A call without a reply after two minutes has died with its process: the key may be begun again by the same request.
_BEGIN = """
    insert into kosha.replies as r (user_id, key, request_digest)
    values (%(user_id)s, %(key)s, %(request_digest)s)
    on conflict (user_id, key) do update set begun_at = now()
    where r.status is null and r.begun_at < now() - interval '2 minutes'
        and r.request_digest = excluded.request_digest"""
_FIND = "select request_digest, status, body from kosha.replies where user_id = %(user_id)s and key = %(key)s"
_KEEP = "update kosha.replies set status = %s, body = %s where user_id = %s and key = %s"
_FORGET = "delete from kosha.replies where user_id = %s and key = %s and status is null"


class PostgresReplies:
    """Fits the port `Replies`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, user_id: str, key: str, request_digest: str) -> StoredReply | None:
        """None for a new key. Raises Conflict for one in progress, Invalid for one used for another request."""
        values = {"user_id": storable(user_id), "key": storable(key), "request_digest": request_digest}
        runs = 0

        def work(connection: Connection) -> StoredReply | None:
            nonlocal runs
            runs += 1
            connection.execute(_SWEEP)
            if connection.execute(_BEGIN, values).rowcount:
                return None
            found = connection.execute(_FIND, values).fetchone()
            if found is None:  # forgotten between the two statements
                raise Conflict("The call with this Idempotency-Key has just ended. Send it again.")
            digest, status, body = found
            if digest != request_digest:
                raise Invalid(f"The Idempotency-Key {key!r} was used for another request. Make a new one.")
            if status is not None:
                return StoredReply(status, body)
            if runs > 1:  # begun by the first run, whose confirmation was lost
                return None
            raise Conflict("The first call with this Idempotency-Key is still running. Send it again in a moment.")

        return self._database.run(work)

    def keep(self, user_id: str, key: str, reply: StoredReply) -> None:
        """Keep the reply of a begun key."""
        values = (reply.status, storable(reply.body), storable(user_id), storable(key))
        self._database.ask(lambda c: c.execute(_KEEP, values))

    def forget(self, user_id: str, key: str) -> None:
        """The call failed in a way that may be tried again."""
        self._database.ask(lambda c: c.execute(_FORGET, (storable(user_id), storable(key))))
