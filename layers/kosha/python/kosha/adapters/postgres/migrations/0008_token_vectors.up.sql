-- The vectors of a chunk's tokens, by which the best candidates of a search are read again.
alter table kosha.staged_chunks add column token_vectors bytea;

-- Chunks that were stored before have none: they keep the place that the fused order gives them.
do $$
declare chunks regclass;
begin
    for chunks in
        select attrelid::regclass from pg_attribute
        where attname = 'content_embeddings' and not attisdropped
            and attrelid in (select oid from pg_class where relnamespace = 'vectors'::regnamespace and relkind = 'r')
    loop
        execute format('alter table %s add column if not exists token_vectors bytea', chunks);
        execute format('alter table %s alter column token_vectors set storage external', chunks);
    end loop;
end $$;
