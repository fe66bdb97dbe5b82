"""`make deploy-emulated`: deploy everything on this machine, let the acceptance suite use it, take it down again."""

import shutil
import sys
import tempfile
from pathlib import Path

from emulated.acceptance import use
from emulated.run import deployed


def main() -> int:
    """The exit status: 0 where every test passed; else the logs of the functions are kept, and it is said where."""
    logs = Path(tempfile.mkdtemp(prefix="kosha-logs-"))
    print("Starting the emulator and PostgreSQL, deploying every stack that the emulator knows ...", flush=True)
    with deployed(keep_logs_in=logs) as running:
        print(f"Deployed: {running.url}", flush=True)
        done = use(running, shown=True)
    print(", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in running.took.items()))
    if done.returncode != 0:
        print(f"What the functions said is in {logs}", file=sys.stderr)
    else:
        shutil.rmtree(logs)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
