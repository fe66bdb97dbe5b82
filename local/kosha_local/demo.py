"""`make demo`: the product in one screen, without a browser: documents in, three questions, cited answers out."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

from kosha.errors import KoshaError
from kosha.wiring.resources import guide_folder
from kosha.wiring.settings import Settings
from kosha_local.cli.ask import give_citations, show_answer
from kosha_local.cli.imports import Import, bring
from kosha_local.cli.output import give, tell
from kosha_local.cli.reach import TOKEN_SECONDS, started_server
from kosha_local.cli.records import administrator_token
from kosha_local.client import Client, Frame

HANDBOOK = "Brightwater Handbook.pdf"
PAGES = (
    """Welcome to Brightwater Ltd. This handbook tells what holds for everybody who works here, in Bristol and in
    Graz.""",
    """Annual leave. Everybody has 27 days of annual leave. Up to 5 unused days may be taken until the end of March of
    the next year. Leave of more than two weeks is agreed with the team a month before.""",
    """Travel. Journeys under 600 kilometres are made by train, in second class. The travel desk books tickets within
    two working days. A night away from home is paid with 35 euros for meals.""",
    """Equipment. A laptop is replaced after four years. A lost laptop is reported to the service desk within an hour,
    by day and by night, on extension 4400, so that it can be locked.""",
)
QUESTIONS = (
    "How many days of annual leave do I have at Brightwater?",
    "How is a lost laptop reported?",
    "Who may delete a workspace?",
)


def main() -> int:
    """Run the demonstration; returns the exit code."""
    data = Path(tempfile.mkdtemp(prefix="kosha-demo-"))
    try:
        is_whole = asyncio.run(_show(data))
    except KoshaError as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(data, ignore_errors=True)
    give("\nThat was all; nothing of it is left. Your own: make run, or kosha serve.")
    return 0 if is_whole else 1


async def _show(folder: Path) -> bool:
    """Whether every document came in."""
    handbook = folder / HANDBOOK
    handbook.write_bytes(pdf(PAGES))
    paths = [handbook, *sorted(guide_folder().glob("*.md"))]
    began = time.monotonic()
    with started_server(folder / "data") as server:
        give(f"The product runs at {server.url} ({_since(began)}).")
        async with Client(
            server.url, administrator_token(Settings.read(folder / "data"), seconds=TOKEN_SECONDS)
        ) as client:
            began = time.monotonic()
            workspace_id = (await client.post("workspaces", {"name": "Demonstration"}))["id"]
            imports = [Import(str(path), path) for path in paths]
            await bring(client, workspace_id, imports, is_awaited=True, show=lambda: None)
            for failed in (one for one in imports if one.failure):
                tell(f"{failed.source}: failed: {failed.failure}")
            passages = sum(one.document["vectors"] for one in imports if one.document)
            give(f"{HANDBOOK} and {len(paths) - 1} pages of the guide are in: {passages} passages ({_since(began)}).")
            for question in QUESTIONS:
                await _ask(client, workspace_id, question)
            return not any(one.failure for one in imports)


async def _ask(client: Client, workspace_id: str, question: str) -> None:
    give(f"\n> {question}")
    run = {"sessionId": str(uuid4()), "text": question, "mode": "chain", "workspaceId": workspace_id}
    clock = _Clock()
    async with aclosing(client.ask(run)) as frames:
        final = await show_answer(clock.watched(frames))
    give_citations(final)
    timings = final["metadata"]["timingsMs"]
    give(f"({clock.first_ms:.0f} ms to the first word, {timings['search']:.0f} ms of it the search)")


class _Clock:
    """Notes when the first word of an answer comes."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.first_ms = 0.0

    async def watched(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames as they are."""
        async for frame in frames:
            if frame["action"] == "llm_new_token" and not self.first_ms:
                self.first_ms = (time.monotonic() - self._began) * 1000
            yield frame


def pdf(pages: Sequence[str]) -> bytes:
    """A PDF of one text a page (ISO 32000-1, 7.5), with nothing in it that is not needed."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, text in enumerate(pages):
        place = f"/Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page {place} /Resources << /Font << /F1 3 0 R >> >> >>")
        shown = " T* ".join(f"({line}) Tj" for line in _lines(text))
        content = f"BT /F1 12 Tf 16 TL 60 780 Td {shown} ET"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    body, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


def _lines(text: str) -> list[str]:
    """At most 80 characters each, with what PDF reads as more than a letter escaped."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= 80:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
