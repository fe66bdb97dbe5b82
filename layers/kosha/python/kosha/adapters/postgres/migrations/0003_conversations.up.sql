-- Conversations, and the turns that answer their questions.
create table kosha.sessions (
    id text primary key,
    user_id text not null,
    title text not null,
    workspace_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index sessions_by_age on kosha.sessions (user_id, updated_at desc, id desc);

-- A message id is its client's own, so it is unique in one session only. position is the order of arrival.
create table kosha.messages (
    session_id text not null references kosha.sessions (id) on delete cascade,
    id text not null,
    position bigint generated always as identity,
    parent_id text,
    role text not null,
    version int not null default 1,
    content text not null,
    tokens int not null,
    metadata jsonb not null default '{}',
    created_at timestamptz not null,
    primary key (session_id, id)
);
create index messages_by_position on kosha.messages (session_id, position);
create index messages_by_parent on kosha.messages (session_id, parent_id);
-- The words of a text. Punctuation goes first: the parser would take `some_folder/file.py` for one word.
-- 100,000 characters: a tsvector must stay under 1 MB.
create function kosha.words(content text) returns tsvector language sql immutable parallel safe
return to_tsvector(
    'simple'::regconfig,
    translate(left(content, 100000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)));
create index messages_by_word on kosha.messages using gin (kosha.words(content));

-- The row is written again with every flush of an answer: room on the page keeps that away from the indexes.
create table kosha.turns (
    user_id text not null,
    message_id text not null,
    number bigint generated always as identity unique,
    session_id text not null references kosha.sessions (id) on delete cascade,
    question_id text not null,
    status text not null default 'accepted',
    ask jsonb not null,
    accepted_by text not null,
    fence int not null default 0,
    holder text,
    claim text,
    lease_until timestamptz,
    next_sequence int not null default 0,
    stop_requested boolean not null default false,
    ending jsonb,
    ended_at timestamptz,
    primary key (user_id, message_id)
) with (fillfactor = 60);
create index turns_by_session on kosha.turns (session_id, number);
create index turns_unfinished on kosha.turns (number) where status <> 'ended';

-- No foreign key: every flush would pay for it. Whoever deletes turns deletes their deltas after them.
create table kosha.turn_deltas (
    turn bigint not null,
    sequence int not null,
    run_id text not null,
    value text not null,
    primary key (turn, sequence)
);

-- Which answers tell of a document, so that they can be erased with it.
create table kosha.message_documents (
    document_id text not null,
    session_id text not null,
    message_id text not null,
    turn bigint not null,
    primary key (document_id, session_id, message_id),
    foreign key (session_id, message_id) references kosha.messages (session_id, id) on delete cascade
);
create index message_documents_by_message on kosha.message_documents (session_id, message_id);
-- An answer that was being made while its document was deleted is erased when it is kept.
create table kosha.forgotten_documents (document_id text primary key);

create table kosha.feedback (
    session_id text not null,
    answer_id text not null,
    record jsonb not null,
    primary key (session_id, answer_id),
    foreign key (session_id, answer_id) references kosha.messages (session_id, id) on delete cascade
);
