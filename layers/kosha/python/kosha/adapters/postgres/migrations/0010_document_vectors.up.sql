-- One vector a document, the mean of its chunks': which documents a search looks into first, where a workspace wants that.
create table kosha.document_vectors (
    workspace_id uuid not null,
    document_id uuid not null,
    embedding vector not null,
    primary key (workspace_id, document_id)
);

do $$
declare
    chunks text;
begin
    for chunks in select tablename from pg_tables where schemaname = 'vectors' and tablename ~ '^ws_[0-9a-f]{32}$'
    loop
        execute format(
            'insert into kosha.document_vectors (workspace_id, document_id, embedding)
             select workspace_id, document_id, l2_normalize(avg(content_embeddings)) from vectors.%I
             where served and content_embeddings is not null group by workspace_id, document_id', chunks);
    end loop;
end $$;
