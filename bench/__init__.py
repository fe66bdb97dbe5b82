"""Benchmarks: one command a figure, JSON out, each with its baseline in the same run (docs/performance.md)."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the product's own processes have it (wiring/settings.py)
