"""The ranking by words: which postings of a question are read, in which order, and how much of them."""

from typing import NamedTuple

import numpy as np
from psycopg import sql

from kosha.adapters.postgres import bm25
from kosha.adapters.postgres.bm25 import Candidates, Corpus
from kosha.adapters.postgres.database import Connection
from kosha.adapters.postgres.filters import Parameters
from kosha.adapters.postgres.keywords import is_code
from kosha.adapters.postgres.postings import Records, unpacked
from kosha.adapters.postgres.scope import NOTHING, Scope
from kosha.adapters.postgres.vector_tables import Tables
from kosha.model.search import Scored

WORDS = 24  # of a question, the rarest first: they decide the order
# Records read to find candidates, again of the rarest words first; more frequent words only add to their scores.
POSTINGS = 60_000
BLOCKS = 1_000  # of the rarest word, where even that one is frequent
CANDIDATES = 400  # 200 cost .014 of nDCG@10 on the short texts of NPL where few words may lead
_EVERY_POSTING = 10**9
_CHECKED_AT_ONCE = 2_000

# Words that lead come with their records: the blocks in order, then the tail, so that chunk numbers ascend.
_ASKED = sql.SQL("""
with spoken as (
    select dictionary, true as is_own from unnest(%(dictionaries)s::text[]) dictionary
    union all
    select substr(lexeme, 2), false from {words} where lexeme > E'\\x01' and lexeme < E'\\x02' and chunks > 0
),
stems as materialized (
    select lexeme, bool_or(is_own) as is_own from unnest(%(tokens)s::text[]) token, spoken,
        unnest(coalesce(ts_lexize(dictionary::regdictionary, token), array[token])) lexeme group by lexeme
),
known as materialized (
    select s.lexeme, s.is_own, coalesce(w.chunks, 0) as chunks, w.tail
    from stems s left join {words} w on w.lexeme = s.lexeme
),
asked as (
    select lexeme, chunks = sum(chunks) over rarest or sum(chunks) over rarest <= %(postings)s as leads
    from known where chunks > 0 window rarest as (order by chunks, lexeme) order by chunks, lexeme limit %(words)s
)
select '', true, chunks::bigint, occurrences, null from {words} where lexeme = ''
union all
select k.lexeme, k.is_own, k.chunks, a.leads::integer, case when a.leads then coalesce((
        select string_agg(block.records, '' order by block.first) from (
            select p.first, p.records from {postings} p where p.lexeme = k.lexeme and {among} limit %(blocks)s
        ) block
    ), '') || k.tail when a.lexeme is not null then '' end
from known k left join asked a on a.lexeme = k.lexeme""")

# Blocks and tail of a word in one statement: between two of them records may have gone from the one to the other.
_RECORDS_OF = sql.SQL("""
select asked.lexeme, coalesce((
    select string_agg(p.records, '' order by p.first) from {postings} p
    where p.lexeme = asked.lexeme and p.first = any(array(
        select (select max(b.first) from {postings} b where b.lexeme = asked.lexeme and b.first <= chunk_no)
        from unnest(%(chunk_nos)s::integer[]) chunk_no))
), '') || coalesce((select w.tail from {words} w where w.lexeme = asked.lexeme), '')
from unnest(%(lexemes)s::text[]) as asked (lexeme)""")

_IDS = sql.SQL("select chunk_no, chunk_id::text from {chunks} where workspace_id = %s and chunk_no = any(%s)")
_MEETING = sql.SQL("""
select m.chunk_no from {chunks} m
where m.chunk_no = any(%(chunk_nos)s) and m.served and m.workspace_id = %(workspace)s and {condition}""")


class ByWords(NamedTuple):
    """A ranking by BM25, what a chunk with each word once would have, and how many chunks the workspace serves.

    is_whole: whether all that was ranked was still there to be named; in one snapshot it always is.
    """

    ranking: list[Scored]
    full: float
    chunks: int
    is_whole: bool = True


class _Word(NamedTuple):
    """A stem of the question; `records` are all of a word that leads, and none of another."""

    lexeme: str
    weight: float
    leads: bool
    records: Records


def by_words(connection: Connection, tables: Tables, scope: Scope, parameters: Parameters) -> ByWords:
    """The chunks with the words of `tokens` by BM25.

    A word that is in many chunks adds to the score of those that rarer words have found, but finds none by itself
    unless it is the rarest of the question: then the order among its chunks is that of the first 240,000.
    """
    if scope.chunk_nos is not None and len(scope.chunk_nos) <= CANDIDATES:
        return _by_words_among(scope.chunk_nos, connection, tables, parameters)
    words, corpus, full = _words(connection, tables, scope, parameters)
    ours = None if scope.chunk_nos is None else np.array(scope.chunk_nos, np.int64)
    leading = [(word.records, word.weight) for word in words if word.leads]
    if ours is not None:
        leading = [(bm25.only(records, ours), weight) for records, weight in leading]
    found = bm25.gathered(leading, corpus)
    others = [word for word in words if not word.leads]
    if scope.is_wide:
        found = _meeting(connection, tables, scope, parameters, found)
    missing = sum(bm25.bound(word.weight) for word in others)
    found = found.most_likely(CANDIDATES, wanted=parameters["limit"], missing=missing)
    if others and len(found.chunk_nos):
        found = _with(others, found, corpus, connection, tables)
    ranking, is_whole = _named(found.best(parameters["limit"]), connection, tables, parameters["workspace"])
    return ByWords(ranking, full, corpus.chunks, is_whole)


def known_words(connection: Connection, tables: Tables, parameters: Parameters) -> list[str]:
    """The stems of `tokens` that are in chunks, at most WORDS, the rarest first."""
    words, _, _ = _words(connection, tables, NOTHING, parameters)
    return [word.lexeme for word in sorted(words, key=lambda word: (-word.weight, word.lexeme))]


def _by_words_among(chunk_nos: list[int], connection: Connection, tables: Tables, parameters: Parameters) -> ByWords:
    """The same of a handful of chunks, wherever they are: only the blocks that may hold one are read."""
    words, corpus, full = _words(connection, tables, NOTHING, parameters)
    found = Candidates(np.array(chunk_nos, np.int64), np.zeros(len(chunk_nos)))
    if words and chunk_nos:
        found = _with(words, found, corpus, connection, tables)
    has_words = found.scores > 0
    best = Candidates(found.chunk_nos[has_words], found.scores[has_words]).best(parameters["limit"])
    ranking, is_whole = _named(best, connection, tables, parameters["workspace"])
    return ByWords(ranking, full, corpus.chunks, is_whole)


def _words(
    connection: Connection, tables: Tables, scope: Scope, parameters: Parameters
) -> tuple[list[_Word], Corpus, float]:
    """The stems that are in chunks, the corpus, and the score of a chunk that has all words of its languages."""
    values = (
        parameters
        | scope.parameters
        | {
            "words": WORDS,
            "postings": POSTINGS if scope.chunk_nos is None else _EVERY_POSTING,
            "blocks": BLOCKS if scope.chunk_nos is None else _EVERY_POSTING,
        }
    )
    statement = tables.fill(_ASKED, among=scope.among)
    with connection.cursor(binary=True) as cursor:
        (_, _, chunks, occurrences, _), *rows = cursor.execute(statement, values).fetchall()
    corpus = Corpus(chunks, occurrences)
    words = [
        _Word(lexeme, bm25.idf(corpus, held), bool(leads), unpacked(records))
        for lexeme, _, held, leads, records in rows
        if records is not None
    ]
    # A code that no chunk has as it is written says little against those that have its parts.
    full = sum(bm25.idf(corpus, held) for lexeme, is_own, held, *_ in rows if is_own and not is_code(lexeme))
    return words, corpus, full


def _with(words: list[_Word], found: Candidates, corpus: Corpus, connection: Connection, tables: Tables) -> Candidates:
    """The candidates with what frequent words add to them: of their postings only the blocks that may hold one."""
    values = {"chunk_nos": found.chunk_nos.tolist(), "lexemes": [word.lexeme for word in words]}
    with connection.cursor(binary=True) as cursor:
        records: dict[str, bytes] = dict(cursor.execute(tables.fill(_RECORDS_OF), values).fetchall())
    for word in words:
        found = bm25.added(found, unpacked(records[word.lexeme]), word.weight, corpus)
    return found


def _meeting(
    connection: Connection, tables: Tables, scope: Scope, parameters: Parameters, found: Candidates
) -> Candidates:
    """As many of the best as there may be candidates that meet the conditions, looked for from the best down."""
    statement = tables.fill(_MEETING, condition=scope.condition)
    ordered = found.best(len(found.chunk_nos))
    kept: list[int] = []
    for start in range(0, len(ordered.chunk_nos), _CHECKED_AT_ONCE):
        places = range(start, min(start + _CHECKED_AT_ONCE, len(ordered.chunk_nos)))
        values = scope.parameters | {"workspace": parameters["workspace"]}
        values["chunk_nos"] = ordered.chunk_nos[places.start : places.stop].tolist()
        meet = {chunk_no for (chunk_no,) in connection.execute(statement, values, prepare=False)}
        kept += [place for place in places if int(ordered.chunk_nos[place]) in meet]
        if len(kept) >= CANDIDATES:
            break
    chosen = np.array(kept, np.int64)
    return Candidates(ordered.chunk_nos[chosen], ordered.scores[chosen])


def _named(found: Candidates, connection: Connection, tables: Tables, workspace_id: str) -> tuple[list[Scored], bool]:
    """By the ids that chunks are known by, and whether none was removed since; one that was is left out."""
    chunk_nos = found.chunk_nos.tolist()
    if not chunk_nos:
        return [], True
    ids: dict[int, str] = dict(connection.execute(tables.fill(_IDS), (workspace_id, chunk_nos)).fetchall())
    scored = zip(chunk_nos, found.scores.tolist(), strict=True)
    return [Scored(ids[chunk_no], score) for chunk_no, score in scored if chunk_no in ids], len(ids) == len(chunk_nos)
