-- Folders and buckets that workspaces follow, and what is known of their files.
create table kosha.sources (
    id text primary key,
    workspace_id text not null,
    created_at timestamptz not null,
    syncs integer not null,
    record jsonb not null
);
create index sources_by_workspace on kosha.sources (workspace_id, created_at, id);

create table kosha.source_files (
    source_id text not null references kosha.sources on delete cascade,
    path text collate "C" not null,
    document_id text not null,
    mark text not null,
    digest text not null,
    sync integer not null,
    primary key (source_id, path)
);
