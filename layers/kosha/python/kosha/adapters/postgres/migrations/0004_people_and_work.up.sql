-- The people of one machine with their tokens, the first replies to their calls, and the executions of workflows.
create table kosha.accounts (
    id text primary key,
    name text not null unique,
    roles text[] not null,
    password_hash text,
    valid_after bigint not null default 0,
    created_at timestamptz not null
);

-- A used token stays until it expires: one that comes twice was stolen. used_by names the call that used it.
create table kosha.single_use_tokens (
    digest text primary key,
    purpose text not null,
    user_id text not null references kosha.accounts (id) on delete cascade,
    expires_at timestamptz not null,
    used_by text
);
create index single_use_tokens_by_user on kosha.single_use_tokens (user_id);
create index single_use_tokens_by_end on kosha.single_use_tokens (expires_at);

-- status is null while the call runs.
create table kosha.replies (
    user_id text not null,
    key text not null,
    request_digest text not null,
    status int,
    body text,
    begun_at timestamptz not null default now(),
    primary key (user_id, key)
);
create index replies_by_age on kosha.replies (begun_at);

-- state is null before the first step. deaths counts the workers that died in the present state.
create table kosha.executions (
    name text primary key,
    number bigint generated always as identity,
    machine text not null,
    status text not null default 'waiting',
    state text,
    input jsonb not null,
    attempt int not null default 0,
    deaths int not null default 0,
    not_before timestamptz not null default now(),
    fence int not null default 0,
    holder text,
    claim text,
    lease_until timestamptz,
    stop_requested boolean not null default false,
    reason text,
    ended_at timestamptz
);
create index executions_live on kosha.executions (number) where status in ('waiting', 'running');
create index executions_ended on kosha.executions (ended_at) where ended_at is not null;
