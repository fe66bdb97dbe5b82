"""The web UI and the guide as files; every path that is no file is the UI's own and gets its page."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

HASHED = "public, max-age=31536000, immutable"
CHECKED = "no-cache"
NOT_BUILT = """<!doctype html><title>Kosha</title><h1>The web UI is not built</h1>
<p>Run <code>make run</code> in the repository, which builds it, or use the command line:
<code>kosha ask --help</code>.</p>"""


class UiDoor:
    """Serves the built UI: files with a hash in their name for ever, the page itself checked each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def answer(self, request: Request) -> Response:
        """A file of the UI, or its page."""
        wanted = (self._folder / request.path_params.get("path", "")).resolve()
        if wanted.is_file() and wanted.is_relative_to(self._folder):
            hashed = "assets" in wanted.relative_to(self._folder).parts
            return FileResponse(wanted, headers={"Cache-Control": HASHED if hashed else CHECKED})
        page = self._folder / "index.html"
        if not page.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(page, headers={"Cache-Control": CHECKED})


class GuideDoor:
    """The product's own guide: `index.json` lists its pages, which make the sample workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def answer(self, request: Request) -> Response:
        """The list, or one page as Markdown."""
        name = request.path_params["name"]
        pages = {page.name: page for page in sorted(self._folder.glob("*.md"))}
        if name == "index.json":
            items = [{"title": _title(page), "url": f"/guide/{page.name}"} for page in pages.values()]
            return Response(json.dumps(items), media_type="application/json", headers={"Cache-Control": CHECKED})
        if name not in pages:
            return PlainTextResponse(f"The guide has no page {name!r}.", status_code=404)
        return FileResponse(pages[name], media_type="text/markdown; charset=utf-8", headers={"Cache-Control": CHECKED})


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()
