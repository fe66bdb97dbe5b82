-- A record of eight bytes a chunk and word instead of a row, many to a row (adapters/postgres/postings.py); and each
-- chunk tells the language of its document.
do $$
declare
    chunks text;
begin
    for chunks in select tablename from pg_tables where schemaname = 'vectors' and tablename ~ '^ws_[0-9a-f]{32}$'
    loop
        execute format('alter table vectors.%I add column if not exists language text', chunks);
        if exists (
            select from information_schema.columns
            where table_schema = 'vectors' and table_name = chunks || '_postings' and column_name = 'chunk_no'
        ) then
            execute format('alter table vectors.%I rename to %I', chunks || '_postings', chunks || '_rows');
            execute format('alter index vectors.%I rename to %I', chunks || '_postings_pkey', chunks || '_rows_pkey');
            execute format(
                'create table vectors.%I (
                    lexeme text collate "C" not null,
                    first integer not null,
                    records bytea storage plain not null,
                    primary key (lexeme, first)
                )', chunks || '_postings');
            execute format('alter table vectors.%I add column tail bytea storage plain not null default %L',
                chunks || '_words', '');
            execute format('alter table vectors.%I alter column tail drop default', chunks || '_words');
            execute format(
                'with numbered as (
                    select *, (row_number() over (partition by lexeme order by chunk_no) - 1) / 240 as block,
                        count(*) over (partition by lexeme) as chunks
                    from vectors.%I
                ),
                packed as materialized (
                    select lexeme, min(chunk_no) as first, min(chunks) as chunks, string_agg(
                        int4send(chunk_no) || int2send(frequency) || int2send(length), %L order by chunk_no) as records
                    from numbered group by lexeme, block
                ),
                rare as (
                    update vectors.%I w set tail = p.records from packed p where p.lexeme = w.lexeme and p.chunks <= 64
                )
                insert into vectors.%I select lexeme, first, records from packed where chunks > 64',
                chunks || '_rows', '', chunks || '_words', chunks || '_postings');
            execute format('drop table vectors.%I', chunks || '_rows');
        end if;
    end loop;
end $$;
