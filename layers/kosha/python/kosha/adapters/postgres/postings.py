"""Where each word occurs, packed: a record of eight bytes a chunk, and many records in one row.

The newest records of a word wait in its row of {words}, which every import of the word writes anyway; when they grow
past TAIL_BYTES they become blocks, rows of {postings}. So an import costs a row a word, a search reads few rows, and
nothing is ever built anew.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.keywords import dictionaries
from kosha.adapters.postgres.vector_tables import Tables

# The bytes that int4send and int2send make: the chunk's number, how often it has the word, how many words it has.
RECORD = np.dtype([("chunk_no", ">i4"), ("frequency", ">i2"), ("length", ">i2")])
TAIL_BYTES = 64 * RECORD.itemsize
BLOCK_BYTES = 240 * RECORD.itemsize  # four rows fill a page of 8 kB

Records = NDArray[Any]  # of RECORD, in the order of the chunks' numbers

# For the statement that serves chunks, whose `counted` has the words of each and `lengths` how many that are.
# A row whose lexeme is \x01 and a dictionary counts the chunks of a language: questions have to be stemmed by it too.
_ADD = sql.SQL("""
packed as materialized (
    select lexeme, count(*) as chunks, sum(frequency) as occurrences,
        string_agg(int4send(chunk_no) || int2send(frequency) || int2send(length), '' order by chunk_no) as records
    from counted join lengths using (chunk_no) group by lexeme
),
grown as materialized (
    select lexeme, p.chunks, p.occurrences, coalesce(w.tail, '') || p.records as records
    from packed p left join {words} w using (lexeme)
),
posted as (
    insert into {postings} (lexeme, first, records)
    select lexeme, (get_byte(piece, 0) << 24) | (get_byte(piece, 1) << 16) | (get_byte(piece, 2) << 8)
        | get_byte(piece, 3), piece
    from grown, generate_series(1, length(records), {block}) as start,
        lateral (select substring(records from start for {block}) as piece) cut
    where length(records) > {tail}
),
learned as (
    insert into {words} as w (lexeme, chunks, occurrences, tail)
    select lexeme, chunks, occurrences, case when length(records) > {tail} then '' else records end from grown
    union all select '', count(*), coalesce(sum(length), 0), '' from lengths
    union all select E'\\x01' || dictionary, (select count(*) from lengths), 0, ''
        from unnest(%(counted_dictionaries)s::text[]) dictionary
    on conflict (lexeme) do update
    set chunks = w.chunks + excluded.chunks, occurrences = w.occurrences + excluded.occurrences, tail = excluded.tail
)""")

_TAILS = sql.SQL("select lexeme, tail from {words} where lexeme = any(%s) and tail <> ''")

# Blocks of a word do not overlap: of those that begin before `low` only the last can reach it.
_BLOCKS = sql.SQL("""
select b.lexeme, b.first, b.records
from unnest(%s::text[], %s::integer[], %s::integer[]) as asked (lexeme, low, high) cross join lateral (
    select p.* from {postings} p
    where p.lexeme = asked.lexeme and p.first <= asked.high and p.first >= coalesce(
        (select max(first) from {postings} where lexeme = asked.lexeme and first <= asked.low), asked.low)
) b""")

_WRITE_BLOCKS = sql.SQL("""
update {postings} p set records = new.records
from unnest(%s::text[], %s::integer[], %s::bytea[]) as new (lexeme, first, records)
where p.lexeme = new.lexeme and p.first = new.first""")

_WRITE_TAILS = sql.SQL("""
update {words} w set tail = new.tail from unnest(%s::text[], %s::bytea[]) as new (lexeme, tail)
where w.lexeme = new.lexeme""")

_DROP_EMPTY_BLOCKS = sql.SQL("delete from {postings} where lexeme = any(%s) and records = ''")

_UNCOUNT = sql.SQL("""
update {words} w set chunks = w.chunks - gone.chunks, occurrences = w.occurrences - gone.occurrences
from unnest(%s::text[], %s::bigint[], %s::bigint[]) as gone (lexeme, chunks, occurrences)
where w.lexeme = gone.lexeme""")

_FORGET = sql.SQL("delete from {words} where lexeme = any(%s) and chunks <= 0 and lexeme <> ''")


def adding(tables: Tables) -> sql.Composed:
    """The part of the statement that serves chunks which notes their words."""
    return tables.fill(_ADD, tail=sql.Literal(TAIL_BYTES), block=sql.Literal(BLOCK_BYTES))


def unpacked(records: bytes) -> Records:
    """The records that a row holds; shares its memory."""
    return np.frombuffer(records, RECORD)


def take_out(
    connection: Connection, tables: Tables, words_of: Sequence[tuple[int, int, Sequence[str]]], language: str | None
) -> None:
    """Forget the words of chunks that are no longer served. The caller holds `lock_writes`.

    words_of: number, length and different words of each chunk that had words, all of one document. language: of it.
    """
    if not words_of:
        return
    numbers: dict[str, list[int]] = {}
    for chunk_no, _, lexemes in words_of:
        for lexeme in lexemes:
            numbers.setdefault(lexeme, []).append(chunk_no)
    occurrences = _take_from_tails(connection, tables, numbers)
    for lexeme, count in _take_from_blocks(connection, tables, numbers).items():
        occurrences[lexeme] = occurrences.get(lexeme, 0) + count
    gone = {lexeme: (len(chunk_nos), occurrences.get(lexeme, 0)) for lexeme, chunk_nos in numbers.items()}
    gone[""] = (len(words_of), sum(length for _, length, _ in words_of))
    gone |= {f"\x01{dictionary}": (len(words_of), 0) for dictionary in dictionaries((language,) if language else ())}
    lexemes = sorted(gone)
    counts = [gone[lexeme][0] for lexeme in lexemes], [gone[lexeme][1] for lexeme in lexemes]
    connection.execute(tables.fill(_UNCOUNT), (lexemes, *counts))
    connection.execute(tables.fill(_FORGET), (lexemes,))


def _take_from_tails(connection: Connection, tables: Tables, numbers: dict[str, list[int]]) -> dict[str, int]:
    """How often the words that were taken occurred."""
    taken: dict[str, int] = {}
    changed: dict[str, bytes] = {}
    with connection.cursor(binary=True) as cursor:
        for lexeme, tail in cursor.execute(tables.fill(_TAILS), (list(numbers),)):
            kept, count = _without(tail, numbers[lexeme])
            if count:
                changed[lexeme], taken[lexeme] = kept, count
    connection.execute(tables.fill(_WRITE_TAILS), (list(changed), list(changed.values())))
    return taken


def _take_from_blocks(connection: Connection, tables: Tables, numbers: dict[str, list[int]]) -> dict[str, int]:
    """The same of what is in blocks; one that is left empty goes."""
    taken: dict[str, int] = {}
    changed: list[tuple[str, int, bytes]] = []
    spans = list(numbers), [min(own) for own in numbers.values()], [max(own) for own in numbers.values()]
    with connection.cursor(binary=True) as cursor:
        for lexeme, first, records in cursor.execute(tables.fill(_BLOCKS), spans):
            kept, count = _without(records, numbers[lexeme])
            if count:
                changed.append((lexeme, first, kept))
                taken[lexeme] = taken.get(lexeme, 0) + count
    if changed:
        columns = [list(column) for column in zip(*changed, strict=True)]
        connection.execute(tables.fill(_WRITE_BLOCKS), columns)
        connection.execute(tables.fill(_DROP_EMPTY_BLOCKS), ([lexeme for lexeme, _, kept in changed if not kept],))
    return taken


def _without(packed: bytes, chunk_nos: Sequence[int]) -> tuple[bytes, int]:
    """The records of other chunks, and how often the word occurred in these."""
    records = unpacked(packed)
    is_gone = np.isin(records["chunk_no"], chunk_nos)
    return records[~is_gone].tobytes(), int(records["frequency"][is_gone].sum())
