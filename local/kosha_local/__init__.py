"""Kosha on one machine: its processes, its server and its command line."""
