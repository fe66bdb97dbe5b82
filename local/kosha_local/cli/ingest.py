"""`kosha ingest`."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from kosha_local.cli import workspaces
from kosha_local.cli.imports import Crawl, Import, bring, failed
from kosha_local.cli.output import give, give_json, tell
from kosha_local.cli.program import Choices, ServerCommand, pass_choices
from kosha_local.cli.reach import reached

BAR_STEPS = 1000


@click.command(cls=ServerCommand)
@click.argument("sources", metavar="PATH|URL...", nargs=-1)
@click.option("--workspace", "name", required=True, metavar="NAME", help="Which workspace, by name or id.")
@click.option("--no-wait", is_flag=True, help="Return when everything is uploaded; the server goes on by itself.")
@click.option("--follow-links", is_flag=True, help="Of a URL, take the whole site and not that page alone.")
@click.option("--sitemap", is_flag=True, help="Of a URL, take the pages that the site's map lists.")
@click.option("--limit", type=click.IntRange(1, 1000), help="Of a URL, so many pages at most; a site: 100.")
@click.option("--retry-failed", is_flag=True, help="Try every document of the workspace that has failed again.")
@pass_choices
def ingest(
    choices: Choices,
    sources: Sequence[str],
    name: str,
    no_wait: bool,
    follow_links: bool,
    sitemap: bool,
    limit: int | None,
    retry_failed: bool,
) -> None:
    """Bring files, folders and pages into a workspace, and wait until they can be searched.

    A folder is taken with all folders in it, without hidden files. A file that is there under the same path gets a new
    version; the same bytes do nothing. Each failure is a line on stderr; one is enough for exit 1, and the others are
    brought in all the same.

    \b
    Examples:
      kosha ingest --workspace Handbook handbook.pdf notes/
      kosha ingest --workspace Handbook ~/Documents --no-wait
      kosha ingest --workspace Handbook https://docs.example.com/ --follow-links --limit 200
      kosha ingest --workspace Handbook --retry-failed
    """
    if not sources and not retry_failed:
        raise click.UsageError("Name a file, a folder or an address, or --retry-failed.")
    imports = list(_meant(sources, Crawl(follow_links, limit, sitemap))) if sources else []
    if no_wait and not choices.url and _is_alone(choices):
        tell("no server runs that could go on by itself, so this waits")
        no_wait = False

    async def work() -> None:
        async with reached(choices) as client:
            workspace_id = (await workspaces.named(client, name))["id"]
            if retry_failed:
                imports.extend(await failed(client, workspace_id))
            with _progress(imports, is_shown=not choices.is_json and sys.stderr.isatty()) as show:
                await bring(client, workspace_id, imports, is_awaited=not no_wait, show=show)

    asyncio.run(work())
    _report(choices, imports, "uploaded" if no_wait else "searchable")
    if any(one.failure for one in imports):
        raise click.exceptions.Exit(1)


def _meant(sources: Sequence[str], crawl: Crawl) -> Iterator[Import]:
    """Every file and page, in order and once. Raises UsageError for a path that is not there, and for nothing."""
    seen: set[str] = set()
    for source in sources:
        if source.startswith(("http://", "https://")):
            found: Sequence[Import] = [Import(source, crawl=crawl)]
        else:
            path = Path(source).expanduser()
            if not path.exists():
                raise click.UsageError(f"There is no file or folder {source!r}.")
            files = _files(path) if path.is_dir() else [path]
            found = [Import(str(each), each, _place(each, path)) for each in files]
        for one in found:
            if one.source not in seen:
                seen.add(one.source)
                yield one
    if not seen:
        raise click.UsageError("There is no file in what was named (hidden files are left out).")


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder in the order of their names, hidden ones left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _place(file: Path, named: Path) -> str:
    """What a workspace calls it: its name; of a file in a folder the way to it, from that folder's name on."""
    from kosha.ingestion.register import clean_name

    parts = [file.name] if file == named else [named.resolve().name, *file.relative_to(named).parts]
    return "/".join(clean_name(part) for part in parts if part)


def _is_alone(choices: Choices) -> bool:
    from kosha.adapters.local.data_lock import holder_of

    return holder_of(choices.settings().data) is None


@contextmanager
def _progress(imports: Sequence[Import], *, is_shown: bool) -> Iterator[Callable[[], None]]:
    """A bar on stderr; call what it gives to bring it up to date."""
    if not is_shown:
        yield lambda: None
        return
    label = imports[0].source if len(imports) == 1 else f"{len(imports)} documents"
    with click.progressbar(length=BAR_STEPS, label=label, file=sys.stderr) as bar:

        def show() -> None:
            done = sum(one.share for one in imports) / max(1, len(imports))
            bar.update(max(0, int(done * BAR_STEPS) - bar.pos))

        yield show


def _report(choices: Choices, imports: Sequence[Import], state: str) -> None:
    good = [one.document for one in imports if not one.failure and one.document is not None]
    for one in imports:
        for warning in (one.document or {}).get("warnings", []):
            tell(f"{one.source}: warning: {warning}")
        if one.failure:
            tell(f"{one.source}: failed: {one.failure}")
    if choices.is_json:
        failures = [{"source": one.source, "error": one.failure} for one in imports if one.failure]
        unchanged = [one.source for one in imports if one.is_unchanged]
        give_json({"documents": good, "failed": failures, "unchanged": unchanged})
        return
    passages = sum(document["vectors"] for document in good)
    pages = sum(document["subDocuments"] for document in good)
    counted = "1 document is" if len(good) == 1 else f"{len(good)} documents are"
    told = [f"pages: {pages}"] * bool(pages) + [f"passages: {passages}"] * bool(passages)
    give("; ".join([f"{counted} {state}", *told]) + ".")
    if same := sum(one.is_unchanged for one in imports):
        those = "It was" if same == len(imports) == 1 else f"{same} of {len(imports)} were"
        give(f"{those} there already with the same bytes: nothing was done.")
