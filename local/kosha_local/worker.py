"""The ingestion worker's process: runs the state machines of a data directory, so that reading never slows a chat."""

import argparse
import os
import signal
import threading
from functools import partial
from pathlib import Path

from kosha import steps
from kosha.errors import KoshaError
from kosha.ingestion import clock, sweep
from kosha.observe import log, log_to_stderr
from kosha.wiring.local import LocalPorts
from kosha.wiring.settings import Settings
from kosha_local.processes import hold_lifeline

# One document is read and cut while another is embedded; a third would only hold memory.
CONCURRENCY = 2
SWEEP_SECONDS = 30.0
TIDY_EVERY_SWEEPS = 20
UNFINISHED_SECONDS = 24 * 3600


def work(data: Path) -> None:
    """Work on a data directory, whose database runs, until SIGTERM or SIGINT."""
    settings = Settings.read(data)
    log_to_stderr(settings.log_level)
    with LocalPorts(settings) as ports:
        runner = ports.workflows.runner({"WorkflowStep": partial(steps.run, ports=ports)}, concurrency=CONCURRENCY)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop())
        threading.Thread(target=tend, args=(ports,), name="sweep", daemon=True).start()
        threading.Thread(target=tend_indexes, args=(ports,), name="indexes", daemon=True).start()
        runner.run()
    os._exit(0)  # steps that did not end in time were given back; nothing waits for their threads


def tend(ports: LocalPorts) -> None:
    """Every SWEEP_SECONDS see to what was left half way, until the process ends."""
    pause = threading.Event()
    sweeps = 0
    while True:
        try:
            sweep.imports(ports)
            sweep.deletions(ports)
            clock.begin_due(ports)
            if sweeps % TIDY_EVERY_SWEEPS == 0:
                sweep.uploads(ports)
                ports.executions.sweep()
                ports.blobs.clear_unfinished(older_than_seconds=UNFINISHED_SECONDS)
        except KoshaError as error:
            log.warning("the sweep was left", extra={"fields": {"reason": str(error)}})
        sweeps += 1
        pause.wait(SWEEP_SECONDS)


def tend_indexes(ports: LocalPorts) -> None:
    """The same for indexes, whose making takes minutes in which the sweep must not rest."""
    pause = threading.Event()
    while True:
        try:
            sweep.indexes(ports)
        except KoshaError as error:
            log.warning("the indexes were left", extra={"fields": {"reason": str(error)}})
        pause.wait(TIDY_EVERY_SWEEPS * SWEEP_SECONDS)


def main() -> None:
    """`python -m kosha_local.worker --data DIR --lifeline FD`."""
    parser = argparse.ArgumentParser(prog="kosha worker")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lifeline", type=int)
    arguments = parser.parse_args()
    if arguments.lifeline is not None:
        hold_lifeline(arguments.lifeline)
    work(arguments.data)


if __name__ == "__main__":
    main()
