"""What is looked at again as time passes: sites, feeds and sources, each at most once at each of its times."""

from datetime import timedelta

from kosha.errors import Cancelled, NotFound
from kosha.ingestion import lifecycle, sources
from kosha.model.document import Document
from kosha.model.schedule import Schedule
from kosha.observe import log
from kosha.ports import Ports

MOST_AT_ONCE = 50  # what is due beyond that is begun at the next look


def look_again_every(document: Document, minutes: int | None, ports: Ports) -> None:
    """Have a site or feed crawled every so many minutes from now on; None: only when somebody asks for it."""
    if minutes is None:
        ports.schedules.remove("document", document.workspace_id, document.id)
        return
    due_at = ports.now() + timedelta(minutes=minutes)
    ports.schedules.put(Schedule("document", document.workspace_id, document.id, minutes, due_at))


def begin_due(ports: Ports) -> int:
    """Begin what is due; returns how much. What is still under way from the time before is passed over this time."""
    now, begun = ports.now(), 0
    for schedule in ports.schedules.due(now, MOST_AT_ONCE):
        if ports.schedules.claim(schedule, now):
            begun += _begin(schedule, ports)
    return begun


def _begin(schedule: Schedule, ports: Ports) -> bool:
    try:
        if schedule.kind == "source":
            sources.begin_due(schedule.workspace_id, schedule.id, ports)
        else:
            lifecycle.submit(ports.documents.get(schedule.workspace_id, schedule.id), ports)
    except NotFound:
        ports.schedules.remove(schedule.kind, schedule.workspace_id, schedule.id)
        return False
    except Cancelled as passed:
        log.info("not looked at again", extra={"fields": {"id": schedule.id, "reason": str(passed)}})
        return False
    return True
