"""Readers of files that are somebody else's libraries."""
