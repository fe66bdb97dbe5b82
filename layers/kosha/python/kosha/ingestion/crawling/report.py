"""What a person is told of a crawl: why nothing came of it, or what was left out and why."""

from collections.abc import Sequence

from kosha.errors import Rejected, SiteUnavailable
from kosha.model.crawl import Site, Skipped, Tally
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.ports import Ports

EXAMPLES = 3
MOST_REASONS = 20


def nothing_found(site: Site, skipped: Sequence[Skipped]) -> Rejected | SiteUnavailable:
    """For a crawl that kept no page: the reason of the address it began at, as far as it is known."""
    why = next((each for each in skipped if site.url in each.examples), skipped[0] if skipped else None)
    if why is None:
        return Rejected(
            f"Nothing of {site.url} was kept: no page fits the patterns, or its addresses only lead to each other."
        )
    kind = SiteUnavailable if why.may_pass else Rejected
    return kind(f"Nothing of {site.url} was kept: {why.reason.rstrip('.')} ({why.examples[0]}).")


def warnings(site: Site, tally: Tally, skipped: Sequence[Skipped], *, is_complete: bool) -> list[str]:
    """Sentences, one for each reason."""
    told = [_sentence(each) for each in skipped[:MOST_REASONS]]
    if len(skipped) > MOST_REASONS:
        left = sum(each.number for each in skipped[MOST_REASONS:])
        told.append(f"{left} more addresses were left out for other reasons.")
    if tally.kept >= site.limit and tally.waiting:
        told.append(
            f"The limit of {site.limit} pages was reached; {tally.waiting} more addresses were found and not visited."
        )
    elif not is_complete:
        told.append(
            f"The crawl was ended early: {tally.waiting} addresses were not visited, because too many others could not "
            "be had or led to nothing. What was brought in before is still there; try it again later."
        )
    return told


def failures(document: Document, ports: Ports) -> list[str]:
    """One sentence about pages that were got and could not be read, if there are any."""
    failed = ports.documents.of(document.workspace_id, PageOf(100), status="error", parent_id=document.id)
    if not failed.items:
        return []
    shown = "; ".join(
        f"{page.path} ({page.error.message if page.error else 'error'})" for page in failed.items[:EXAMPLES]
    )
    more = "100 or more pages" if failed.next_cursor else _pages(len(failed.items))
    return [f"{more} could not be read: {shown}{'; and others' if len(failed.items) > EXAMPLES else ''}."]


def _sentence(skipped: Skipped) -> str:
    shown = ", ".join(skipped.examples)
    more = skipped.number - len(skipped.examples)
    return f"{_addresses(skipped.number)} left out: {skipped.reason}: {shown}{f' and {more} more' if more > 0 else ''}."


def _addresses(count: int) -> str:
    return "1 address was" if count == 1 else f"{count} addresses were"


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"
