do $$
declare
    chunks text;
begin
    for chunks in select tablename from pg_tables where schemaname = 'vectors' and tablename ~ '^ws_[0-9a-f]{32}$'
    loop
        execute format('alter table vectors.%I rename to %I', chunks || '_postings', chunks || '_packed');
        execute format('alter index vectors.%I rename to %I', chunks || '_postings_pkey', chunks || '_packed_pkey');
        execute format(
            'create table vectors.%I (
                lexeme text collate "C" not null,
                chunk_no integer not null,
                frequency smallint not null,
                length smallint not null,
                primary key (lexeme, chunk_no) include (frequency, length)
            ) with (autovacuum_vacuum_insert_scale_factor = 0.05)', chunks || '_postings');
        execute format(
            'insert into vectors.%I
            select lexeme, %s, %s, %s from (
                select lexeme, records from vectors.%I union all select lexeme, tail from vectors.%I
            ) packed, generate_series(0, length(records) - 8, 8) at',
            chunks || '_postings',
            '(get_byte(records, at) << 24) | (get_byte(records, at + 1) << 16) | (get_byte(records, at + 2) << 8) '
                '| get_byte(records, at + 3)',
            '(get_byte(records, at + 4) << 8) | get_byte(records, at + 5)',
            '(get_byte(records, at + 6) << 8) | get_byte(records, at + 7)',
            chunks || '_packed', chunks || '_words');
        execute format('drop table vectors.%I', chunks || '_packed');
        execute format('delete from vectors.%I where lexeme like %L', chunks || '_words', E'\x01%');
        execute format('alter table vectors.%I drop column tail', chunks || '_words');
        execute format('alter table vectors.%I drop column language', chunks);
    end loop;
end $$;
