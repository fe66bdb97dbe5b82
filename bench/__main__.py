"""`make bench`: every benchmark, one after the other, JSON to bench/results/."""

import subprocess
import sys

from bench.product import ROOT

COMMANDS = ("start", "concurrency", "chat", "ingest", "search", "functions")

if __name__ == "__main__":
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    failed: list[str] = []
    for name in COMMANDS:
        print(f"bench.{name} ...", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        (results / f"{name}.json").write_text(done.stdout)
        print(done.stdout, flush=True)
        failed += [name] if done.returncode else []
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)
