-- Workspaces, who may do what in them, and the documents they hold.
create table kosha.workspaces (
    id text primary key,
    name text not null,
    record jsonb not null
);
create index workspaces_by_name on kosha.workspaces (lower(name), id);

create table kosha.grants (
    workspace_id text not null references kosha.workspaces (id) on delete cascade,
    user_id text not null,
    level text not null,
    primary key (workspace_id, user_id)
);
create index grants_by_user on kosha.grants (user_id);

-- parent_id is '' for a document that stands for itself, so that one index serves both kinds of list.
create table kosha.documents (
    id text primary key,
    workspace_id text not null,
    parent_id text not null,
    type text not null,
    status text not null,
    run int not null,
    vectors bigint not null,
    size_bytes bigint not null,
    created_at timestamptz not null,
    record jsonb not null
);
create index documents_by_age on kosha.documents (workspace_id, parent_id, created_at desc, id desc);
create index documents_unfinished on kosha.documents (created_at) where status in ('submitted', 'processing');
