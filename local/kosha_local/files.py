"""Bytes in and out: `PUT /upload/{ticket}` and `GET /download/{ticket}`; the ticket is the leave, without sign-in."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from kosha.adapters.disposition import content_disposition
from kosha.adapters.local.folder import FolderBlobs, Incoming
from kosha.errors import KoshaError, UnsupportedType
from kosha.ingestion.register import arrived, awaited
from kosha.ports import Ports
from kosha_local.rest import problem

PIECE_BYTES = 256 * 1024


class UploadDoor:
    """Takes a document's bytes: whole, of the size and type of the ticket, or nothing."""

    def __init__(self, ports: Ports, blobs: FolderBlobs) -> None:
        self._ports = ports
        self._blobs = blobs

    async def answer(self, request: Request) -> Response:
        """204 when the bytes are on the disk and the document is on its way."""
        try:
            upload = self._blobs.open_ticket(request.path_params["ticket"])
            told = request.headers.get("content-type", upload.content_type)
            if told != upload.content_type:
                raise UnsupportedType(
                    f"The ticket is for {upload.content_type}, the bytes came as {told}. Ask for a new ticket."
                )
            about = upload.workspace_id, upload.document_id, self._ports, upload.key.rpartition("/")[2]
            await asyncio.to_thread(awaited, *about)
            async with _kept_in_a_thread(self._blobs.incoming(upload.key, size_bytes=upload.size_bytes)) as sink:
                async for piece in request.stream():
                    await asyncio.to_thread(sink.write, piece)
            await asyncio.to_thread(arrived, *about)
        except KoshaError as error:
            return problem(error)
        except ClientDisconnect:
            return Response(status_code=499)
        return Response(status_code=204)


class DownloadDoor:
    """Gives the original bytes back; what a browser might run is saved, never shown."""

    def __init__(self, blobs: FolderBlobs) -> None:
        self._blobs = blobs

    async def answer(self, request: Request) -> Response:
        """The bytes as a stream."""
        try:
            download = self._blobs.open_link(request.path_params["ticket"])
            source = await asyncio.to_thread(self._blobs.open, download.key)
        except KoshaError as error:
            return problem(error)
        headers = {
            "Content-Disposition": content_disposition(download.file_name, download.content_type),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        return StreamingResponse(_pieces(source), media_type=download.content_type, headers=headers)


@asynccontextmanager
async def _kept_in_a_thread(sink: Incoming) -> AsyncGenerator[Incoming]:
    """The sink; at its end the disk is waited for in a thread, not on the loop that the chats run on."""
    try:
        yield sink
        await asyncio.to_thread(sink.keep)
    finally:
        sink.discard()


async def _pieces(source: BinaryIO) -> AsyncIterator[bytes]:
    with source:
        while piece := await asyncio.to_thread(source.read, PIECE_BYTES):
            yield piece
