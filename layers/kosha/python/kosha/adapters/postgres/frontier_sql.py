"""What the frontier of crawls asks of PostgreSQL."""

# `claim` names the call: where its confirmation was lost, the call that runs again finds what it has taken.
TAKE = """
    update kosha.crawl_links
    set state = 'taken', claim = %(claim)s,
        attempts = attempts + case when claim is distinct from %(claim)s then 1 else 0 end
    where document_id = %(document_id)s and run = %(run)s and url = (
        select url from kosha.crawl_links
        where document_id = %(document_id)s and run = %(run)s
            and ((state = 'waiting' and not_before <= %(now)s) or (state = 'taken' and claim = %(claim)s))
        order by claim is distinct from %(claim)s, rank, number limit 1 for update skip locked)
    returning url, kind, depth, hops, shape, of_twin, told, attempts, insists"""
PUT_BACK = """
    update kosha.crawl_links set state = 'waiting', not_before = %(until)s, attempts = %(attempts)s
    where document_id = %(document_id)s and run = %(run)s and url = %(url)s and state = 'taken'"""
SETTLE = """
    update kosha.crawl_links set state = %(state)s, reason = %(reason)s, alias_of = %(alias_of)s
    where document_id = %(document_id)s and run = %(run)s and url = %(url)s"""
# What it stands for was not kept, was not found by this crawl at all, or stands in its turn for it.
REVIVE = """
    update kosha.crawl_links l set state = 'waiting', insists = true, attempts = 0, not_before = '-infinity'
    where document_id = %(document_id)s and run = %(run)s and state = 'alias' and not insists and not exists (
        select 1 from kosha.crawl_links o
        where o.document_id = l.document_id and o.run = l.run and o.url = l.alias_of
            and (o.state in ('kept', 'passed')
                or (o.state = 'alias' and not (o.alias_of = l.url and l.number < o.number))))"""
TALLY = """
    select count(*) filter (where state = 'kept'), count(*) filter (where state in ('waiting', 'taken')),
        count(*) filter (where state not in ('waiting', 'taken')),
        count(*) filter (where state = 'failed'),
        (select count(*) from kosha.crawl_pages where document_id = %(document_id)s)
    from kosha.crawl_links where document_id = %(document_id)s and run = %(run)s"""
SKIPPED = """
    select reason, count(*), (array_agg(url order by number))[1:%(examples)s], bool_or(state = 'failed')
    from kosha.crawl_links
    where document_id = %(document_id)s and run = %(run)s and reason is not null
        and state in ('skipped', 'gone', 'failed')
    group by reason order by count(*) desc, reason"""
PAGE = "url, page_id, run, page_run, submitted, etag, last_modified, digest, told, links"
INSERT_PAGE = """
    insert into kosha.crawl_pages
        (document_id, url, page_id, run, page_run, submitted, etag, last_modified, digest, told, links)
    values (%(document_id)s, %(url)s, %(page_id)s, %(run)s, %(page_run)s, %(submitted)s, %(etag)s, %(last_modified)s,
        %(digest)s, %(told)s, %(links)s)"""
RESERVE = INSERT_PAGE + " on conflict do nothing"
UPDATE_PAGE = """
    on conflict (document_id, url) do update
    set page_id = excluded.page_id, run = excluded.run, page_run = excluded.page_run,
        submitted = excluded.submitted or
            (crawl_pages.submitted and crawl_pages.page_run = excluded.page_run and crawl_pages.run = excluded.run),
        etag = excluded.etag, last_modified = excluded.last_modified, digest = excluded.digest, told = excluded.told,
        links = excluded.links"""
KEEP_PAGE = INSERT_PAGE + UPDATE_PAGE
# A page that was found to be elsewhere, or not there any more, is nobody's twin.
TWIN = f"""
    select {PAGE} from kosha.crawl_pages p
    where document_id = %(document_id)s and digest = %(digest)s and digest <> '' and url <> %(url)s and not exists (
        select 1 from kosha.crawl_links l
        where l.document_id = p.document_id and l.run = %(run)s and l.url = p.url
            and l.state in ('alias', 'gone', 'skipped', 'passed'))
    order by p.run desc, url limit 1"""  # noqa: S608 # of constants
UNSEEN = f"""
    select {PAGE} from kosha.crawl_pages p
    where document_id = %(document_id)s and run < %(run)s and not exists (
        select 1 from kosha.crawl_links l
        where l.document_id = p.document_id and l.run = %(run)s and l.url = p.url and l.state = 'failed')
    order by run, url limit %(limit)s"""  # noqa: S608 # of constants
PAGE_AT = f"select {PAGE} from kosha.crawl_pages where document_id = %s and url = %s"  # noqa: S608 # of constants
PAGES = f"""
    select url, page_id, {PAGE} from kosha.crawl_pages
    where document_id = %s and (url, page_id) > (%s, %s) order by url, page_id limit %s"""  # noqa: S608 # of constants
UNSUBMITTED = f"select {PAGE} from kosha.crawl_pages where document_id = %s and not submitted limit %s"  # noqa: S608
