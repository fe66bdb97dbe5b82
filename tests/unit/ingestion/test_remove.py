"""What is deleted leaves nothing behind."""

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Forbidden, NotFound
from kosha.ingestion import changes, keys, register, remove
from kosha.ingestion.changes import ChunkChange, DocumentChange
from kosha.ingestion.crawling import keep
from kosha.model.crawl import Crawl, Link, SitePage
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.model.schedule import Schedule
from kosha.model.source import Source, SourceFile
from kosha.model.user import Caller, User
from kosha.model.workspace import KeptSettings

EVE = Caller(user=User(id="22222222-2222-4222-8222-222222222222", name="eve"))
SECRET = "Xylophone"  # is in every text, title and address that is brought
# What carries ids and nothing else: ended work for 7 days, so that none is begun twice; for a day whose turn it was;
# what is forgotten, so that an answer that is being made at this moment does not quote it.
IDS_ONLY = {"kosha.executions", "kosha.lanes", "kosha.forgotten_documents"}


def _rich_document(house: House) -> Document:
    """A file with an edit, own fields, and a new version of which the import was stopped half way."""
    document = house.has_file(f"{SECRET}.md", f"# {SECRET}\n\n{SECRET} is played.".encode())
    house.work()
    [chunk_id] = house.chunk_ids(document)
    workspace_id = house.workspace.id
    edit = ChunkChange(content=f"{SECRET} is not played.")
    changes.chunk(ADA, workspace_id, document.id, chunk_id, edit, house)
    changes.document(ADA, workspace_id, document.id, DocumentChange(metadata={"by": SECRET}), house)
    newer = keys.version(document, "original-newer")
    house.blobs.write(newer, [f"{SECRET} is new.".encode()])
    register.arrived_at(newer, house)
    return document


def _rich_site(house: House) -> tuple[Document, str]:
    """A site that is looked at again, with links to visit and a page; and the page's id."""
    wish = register.FeedUpload(url=f"https://{SECRET}.example/feed", every_minutes=60)
    site = register.rssfeed(ADA, house.workspace.id, wish, house)
    url = f"https://{SECRET}.example/1"
    house.frontier.begin(Crawl(site.id, site.run), [Link(url), Link(f"{url}/2")])
    content = keep.Content(f"{SECRET} page", "rssfeed", "text/html", 40)
    page = keep.bring(site, url, None, content, [f"<p>{SECRET} is on this page.</p>".encode()], house)
    known = SitePage(url, page.id, site.run, 1, submitted=False, digest=SECRET, links=(url,))
    keep.submit(site, house.workspace, known, content, house)
    house.workflows.stop(keys.execution(site))
    house.work()
    assert house.texts(page)
    return site, page.id


def _ids_kept(house: House, *ids: str) -> set[str]:
    return {trace for id in ids for trace in house.traces(id)}


def test_of_a_document_with_all_that_belongs_to_it_no_store_keeps_anything(house: House) -> None:
    document = _rich_document(house)
    assert len(house.traces(SECRET)) >= 5
    remove.document(ADA, house.workspace.id, document.id, house)
    house.work()
    assert house.traces(SECRET) == []
    assert _ids_kept(house, document.id) <= IDS_ONLY


def test_of_a_site_with_its_pages_no_store_keeps_anything(house: House) -> None:
    site, page_id = _rich_site(house)
    assert {"kosha.crawl_links", "kosha.schedules"} <= _ids_kept(house, site.id)
    remove.document(ADA, house.workspace.id, site.id, house)
    house.work()
    assert house.traces(SECRET) == []
    assert _ids_kept(house, site.id, page_id) <= IDS_ONLY


def test_of_a_workspace_with_all_that_is_in_it_no_store_keeps_anything(house: House) -> None:
    document = _rich_document(house)
    site, page_id = _rich_site(house)
    workspace, now = house.workspace, house.now()
    source = Source(
        id="44444444-4444-4444-8444-444444444444",
        workspace_id=workspace.id,
        kind="folder",
        location=f"/srv/{SECRET}",
        every_minutes=60,
        created_at=now,
    )
    house.sources.add(source)
    house.sources.keep_files(source.id, [SourceFile(f"{SECRET}.md", document.id, "mark", "digest", 1)])
    house.schedules.put(Schedule("source", workspace.id, source.id, 60, now))
    was, became = KeptSettings(name="hr"), KeptSettings(name=SECRET)
    house.workspace_versions.keep(workspace.id, was, became, by=ADA.user.id, at=now)
    remove.workspace(ADA, workspace.id, house)
    house.work()
    assert house.traces(SECRET) == []
    assert _ids_kept(house, workspace.id, document.id, site.id, page_id, source.id) <= IDS_ONLY
    tables = "select tablename from pg_tables where tablename like %s"
    named = (f"%{workspace.id.replace('-', '')}%",)
    assert house.database.run(lambda c: c.execute(tables, named).fetchall()) == []


def test_of_a_removed_document_nothing_is_left(house: House) -> None:
    document = house.has_file()
    house.work()
    remove.document(ADA, house.workspace.id, document.id, house)
    assert list(house.left_of(document)) == []
    with pytest.raises(NotFound):
        remove.document(ADA, house.workspace.id, document.id, house)


def test_a_document_removed_while_it_is_embedded_leaves_nothing(house: House) -> None:
    document = house.has_long_file()
    house.model.before_batch = lambda _: remove.document(ADA, house.workspace.id, document.id, house)
    house.work()
    assert list(house.left_of(document)) == []
    assert not house.workflows.is_live(f"{document.id}-1")


def test_a_document_removed_while_it_is_read_leaves_nothing(house: House) -> None:
    document = house.has_file()
    house.while_parsing(lambda: remove.document(ADA, house.workspace.id, document.id, house))
    house.work()
    assert list(house.left_of(document)) == []


def test_a_document_whose_workspace_is_gone_leaves_nothing(house: House) -> None:
    document = house.has_long_file()

    def delete_workspace(_: object) -> None:
        house.model.before_batch = lambda _: None
        while not remove.part_of_workspace(house.workspace.id, house):
            pass

    house.model.before_batch = delete_workspace
    house.work()
    assert list(house.left_of(document)) == []


def test_a_removed_workspace_takes_its_documents_with_it(house: House) -> None:
    documents = [house.has_file() for _ in range(3)]
    house.work()
    register.text(ADA, house.workspace.id, register.TextUpload(title="t", content="in work"), house)
    assert remove.workspace(ADA, house.workspace.id, house).status == "deleting"
    house.work()
    assert [list(house.left_of(document)) for document in documents] == [[], [], []]
    assert not house.workspaces.all(PageOf()).items
    assert not list(house.folder.rglob("*original*"))


def test_a_workspace_of_many_documents_goes_a_slice_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remove, "SLICE", 2)
    for _ in range(5):
        house.awaits()
    remove.workspace(ADA, house.workspace.id, house)
    house.work()
    assert not house.workspaces.all(PageOf()).items


def test_a_deletion_that_failed_is_told_and_can_be_asked_for_again(house: House) -> None:
    house.has_file()
    house.index = lambda engine: (_ for _ in ()).throw(ZeroDivisionError)
    remove.workspace(ADA, house.workspace.id, house)
    house.work()
    kept = house.workspaces.get(house.workspace.id)
    assert kept.status == "error"
    assert "Something went wrong on our side" in (kept.status_reason or "")
    del house.index
    house.pass_time(seconds=1)
    remove.workspace(ADA, house.workspace.id, house)
    house.work()
    assert not house.workspaces.all(PageOf()).items


def test_only_editors_remove_documents_and_only_owners_workspaces(house: House) -> None:
    document = house.has_file()
    with pytest.raises(NotFound):
        remove.document(EVE, house.workspace.id, document.id, house)
    house.workspaces.set_grant(house.workspace.id, EVE.user.id, "viewer")
    with pytest.raises(Forbidden):
        remove.document(EVE, house.workspace.id, document.id, house)
    house.workspaces.set_grant(house.workspace.id, EVE.user.id, "editor")
    with pytest.raises(Forbidden):
        remove.workspace(EVE, house.workspace.id, house)
    remove.document(EVE, house.workspace.id, document.id, house)


def test_of_a_workspace_no_source_is_left_however_many_it_followed(house: House) -> None:
    for number in range(remove.SLICE + 10):
        id = f"00000000-0000-4000-8000-{number:012}"
        source = Source(
            id=id, workspace_id=house.workspace.id, kind="folder", location="/files", every_minutes=60,
            created_at=house.clock,
        )  # fmt: skip
        house.sources.add(source)
        house.schedules.put(Schedule("source", house.workspace.id, id, 60, house.clock))
    assert remove.part_of_workspace(house.workspace.id, house)
    assert house.sources.of(house.workspace.id, PageOf()).items == []
    assert house.schedules.due(house.clock, 100) == []
