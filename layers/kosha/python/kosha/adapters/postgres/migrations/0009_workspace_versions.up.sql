-- What a workspace was set to, version by version; in PostgreSQL also where its record is elsewhere.
create table kosha.workspace_versions (
    workspace_id text not null,
    version int not null,
    changed_at timestamptz not null,
    changed_by text,
    settings jsonb not null,
    primary key (workspace_id, version)
);
