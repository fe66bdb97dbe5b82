"""Everything that a store holds, whoever may still read it."""

import json

from tests.contracts.aws import DynamoStore
from tests.contracts.store import PostgresStore, Store

from kosha.adapters.aws.items import unmarshalled
from kosha.adapters.postgres.database import Connection


def kept(store: Store) -> str:
    """All rows, or all items, as one text of JSON in which what was JSON text stands as it was."""
    if isinstance(store, PostgresStore):
        return store.database.run(_rows)
    assert isinstance(store, DynamoStore)
    return "\n".join(f"{name}: {value}" for item in store.items() for name, value in unmarshalled(item).items())


def _rows(connection: Connection) -> str:
    find = "select format('select to_jsonb(t) from kosha.%I t', tablename) from pg_tables where schemaname = 'kosha'"
    found = connection.execute(f"{find} and tablename <> 'migrations'").fetchall()
    rows = [row for (select,) in found for (row,) in connection.execute(select).fetchall()]
    return json.dumps(rows, ensure_ascii=False)
