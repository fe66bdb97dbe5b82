-- Crawls of sites and feeds: the frontier of the present crawl, what is kept of a page between crawls, what hosts say
-- to robots, and when something is looked at again.
create table kosha.crawl_links (
    document_id text not null,
    run int not null,
    url text not null,
    number bigint generated always as identity,
    kind text not null,
    depth int not null,
    hops int not null,
    shape text not null,
    rank int not null,
    of_twin boolean not null,
    told text,
    state text not null default 'waiting',
    reason text,
    alias_of text,
    attempts int not null default 0,
    claim text,
    insists boolean not null default false,
    not_before timestamptz not null default '-infinity',
    primary key (document_id, run, url)
);
create index crawl_links_waiting on kosha.crawl_links (document_id, run, rank, number) where state = 'waiting';
create index crawl_links_by_shape on kosha.crawl_links (document_id, run, shape);

create table kosha.crawl_pages (
    document_id text not null,
    url text not null,
    page_id text not null,
    run int not null,
    page_run int not null,
    submitted boolean not null,
    etag text,
    last_modified text,
    digest text not null,
    told text,
    links jsonb not null,
    primary key (document_id, url)
);
create index crawl_pages_by_id on kosha.crawl_pages (page_id);
create index crawl_pages_by_digest on kosha.crawl_pages (document_id, digest);

-- holder: the crawl that is asking the host something just now.
create table kosha.crawl_hosts (
    origin text primary key,
    robots text,
    robots_at timestamptz,
    holder text,
    next_at timestamptz not null default '-infinity'
);

create table kosha.schedules (
    kind text not null,
    workspace_id text not null,
    id text not null,
    every_minutes int not null,
    due_at timestamptz not null,
    primary key (kind, id)
);
create index schedules_by_time on kosha.schedules (due_at);
