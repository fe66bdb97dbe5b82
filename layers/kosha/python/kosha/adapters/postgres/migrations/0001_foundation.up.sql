-- Where vectors live, and where the chunks of an import wait until they are served.
create extension if not exists vector;
create schema if not exists vectors;

create table kosha.staged_chunks (
    document_id text not null,
    run int not null,
    chunk_index int not null,
    chunk jsonb not null,
    embedding vector,
    primary key (document_id, run, chunk_index)
);
