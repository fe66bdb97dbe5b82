"""The REST routes of PROTOCOL.md, written once for every place they run in."""
