"""Finds the workspace that a person names."""

from typing import Any

from kosha.errors import Rejected
from kosha_local.client import Client


async def named(client: Client, wanted: str) -> dict[str, Any]:
    """The workspace of that name or id. Raises Rejected where there is none, or several.

    An administrator sees also those that are not shared with him: where two have the name, his own is meant.
    """
    every = [one async for one in client.every("workspaces")]
    found = [one for one in every if wanted in (one["name"], one["id"])]
    own = [one for one in found if one.get("grant")] or found
    if not own:
        known = ", ".join(repr(one["name"]) for one in every[:10]) or "none"
        raise Rejected(
            f"No workspace is named {wanted!r}; there are: {known}. Make it with: kosha workspace create {wanted!r}"
        )
    if len(own) > 1:
        ids = ", ".join(one["id"] for one in own)
        raise Rejected(f"{len(own)} workspaces are named {wanted!r}. Name the one you mean by its id: {ids}.")
    return own[0]
