alter table kosha.staged_chunks drop column token_vectors;

do $$
declare chunks regclass;
begin
    for chunks in
        select attrelid::regclass from pg_attribute
        where attname = 'token_vectors' and not attisdropped
            and attrelid in (select oid from pg_class where relnamespace = 'vectors'::regnamespace and relkind = 'r')
    loop
        execute format('alter table %s drop column token_vectors', chunks);
    end loop;
end $$;
