"""BM25 as SQL, over the postings of a question's words: the rare words find the candidates, the frequent ones add.

k1 = 1.2 and b = 0.75, idf = ln(1 + (N - n + 0.5) / (n + 0.5)) as in Lucene: never negative.
Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
"""

from psycopg import sql

LIMITS = {
    "words": 24,  # of a question, the rarest first: they decide the order
    # Postings read to find candidates, again the rarest words first; more frequent words only add to their scores.
    # Each costs about half a microsecond. Half as many find the same first ten in 99 of 100 places at 100,000 chunks.
    "postings": 10_000,
    "rarest": 50_000,  # of the rarest word, where even that one is frequent
    "candidates": 400,  # 200 cost .014 of nDCG@10 on the short texts of NPL where few words may lead
}

# Thousands of rows go through one formula, so what does not change from row to row is settled before: a posting scores
# weight / (1 + (0.3 + per_word * length) / frequency), where 2.2 = k1 + 1, 0.3 = k1 (1 - b) and 0.9 = k1 b.
# The candidates' postings of a frequent word are read in one walk through its part of the index (`= any`).
BY_WORDS = sql.SQL("""
with stems as materialized (
    select distinct lexeme from unnest(%(tokens)s::text[]) token, unnest(%(dictionaries)s::text[]) dictionary,
        unnest(coalesce(ts_lexize(dictionary::regdictionary, token), array[token])) lexeme
),
corpus as materialized (
    select chunks, 0.9 * greatest(chunks, 1) / greatest(occurrences, 1)::float8 as per_word
    from {words} where lexeme = ''
),
known as materialized (
    select s.lexeme, coalesce(w.chunks, 0) as chunks,
        ln(1 + (c.chunks - coalesce(w.chunks, 0) + 0.5::float8) / (coalesce(w.chunks, 0) + 0.5)) as idf
    from stems s cross join corpus c left join {words} w on w.lexeme = s.lexeme
),
asked as materialized (
    select lexeme, idf * 2.2 as weight,
        chunks = sum(chunks) over rarest or sum(chunks) over rarest <= %(postings)s as leads
    from known where chunks > 0 window rarest as (order by chunks, lexeme) order by chunks, lexeme limit %(words)s
),
found as (
    select p.chunk_no, sum(a.weight / (1 + (0.3 + c.per_word * p.length) / p.frequency)) as score
    from asked a cross join corpus c cross join lateral (
        select p.* from {postings} p where p.lexeme = a.lexeme and {among} limit %(rarest)s
    ) p
    where a.leads group by p.chunk_no
),
candidates as materialized (
    select p.chunk_no, p.score from found p where {meeting} order by p.score desc limit %(candidates)s
),
added as (
    select p.chunk_no, a.weight / (1 + (0.3 + c.per_word * p.length) / p.frequency) as score
    from asked a cross join corpus c cross join lateral (
        select p.* from {postings} p
        where p.lexeme = a.lexeme and p.chunk_no = any(array(select chunk_no from candidates))
    ) p
    where not a.leads
),
ranked as materialized (
    select chunk_no, sum(score) as score from (select * from candidates union all select * from added) part
    group by chunk_no order by 2 desc, 1 limit %(limit)s
)
select m.chunk_id::text, ranked.score, total.idf, total.chunks
from (select coalesce(sum(idf), 0) as idf, (select chunks from corpus) as chunks from known) total
left join (ranked join {chunks} m on m.chunk_no = ranked.chunk_no and m.workspace_id = %(workspace)s) on true
order by ranked.score desc, ranked.chunk_no""")
