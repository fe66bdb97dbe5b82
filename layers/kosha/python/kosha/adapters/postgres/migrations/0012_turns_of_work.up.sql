-- Workspaces take turns at the workers: a short document does not wait for the ten thousand of another workspace.
alter table kosha.executions add column lane text not null default '';
update kosha.executions set lane = coalesce(input ->> 'workspaceId', input -> 'data' ->> 'workspaceId', '');
create index executions_waiting on kosha.executions (lane, not_before, number) where status = 'waiting';
create index executions_running on kosha.executions (lease_until) where status = 'running';

-- When each had its last turn; one that has not worked for long is forgotten.
create table kosha.lanes (
    lane text primary key,
    claimed_at timestamptz not null
);

-- Lists of one status, which are short where most documents have another.
create index documents_by_status on kosha.documents (workspace_id, parent_id, status, created_at desc, id desc);
