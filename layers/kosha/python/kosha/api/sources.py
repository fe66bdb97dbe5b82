"""Routes of places whose documents are followed: a promise of a later version."""

from kosha.api.resource import Resource

ROUTES = Resource("sources")

ROUTES.later("GET", "/workspaces/<workspace_id>/sources", "Sources are")
ROUTES.later("POST", "/workspaces/<workspace_id>/sources", "Sources are")
ROUTES.later("DELETE", "/workspaces/<workspace_id>/sources/<source_id>", "Sources are")
