"""Benchmarks: one command a figure, JSON out, each with its baseline in the same run (docs/performance.md)."""
