-- What people changed of chunks: put into a new import of the document that makes the same passage again.
-- content is null where only `enabled` was changed; the vectors are of the content, null where no model made any.
create table kosha.chunk_edits (
    workspace_id text not null,
    document_id text not null,
    chunk_id text not null,
    content text,
    embedding vector,
    token_vectors bytea,
    enabled boolean not null,
    primary key (document_id, chunk_id)
);
create index chunk_edits_by_workspace on kosha.chunk_edits (workspace_id);
-- Documents with a change that search does not show yet.
create index documents_pending on kosha.documents (created_at) where record @> '{"change_pending": true}';
