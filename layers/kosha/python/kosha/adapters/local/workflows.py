"""State machines on one machine: an execution is a record, and a worker takes it from state to state."""

import json
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from kosha.adapters.local.asl.interpreter import Cursor, Ended, Task, World, begin, transition
from kosha.adapters.local.asl.machine import Machine, load
from kosha.errors import LostLease, Unavailable
from kosha.observe import log
from kosha.ports import Beat

Ending = Literal["succeeded", "failed", "stopped"]

SUFFIX = ".asl.json"
BEAT_SECONDS = 4.0  # a lease is 15 s
WAIT_SECONDS = 1.0
TURN_SECONDS = 5.0
PAUSE_SECONDS = 1.0  # after the database did not answer
PATIENCE_SECONDS = 5.0  # for steps that are on their way when the worker is to stop


class Execution(Protocol):
    """An execution as its holder takes it up; before its first state, `input` is what it was started with."""

    @property
    def name(self) -> str: ...
    @property
    def machine(self) -> str: ...
    @property
    def state(self) -> str | None: ...
    @property
    def input(self) -> Any: ...


class Executions(Protocol):
    """Where executions are kept and held by leases; every write of a holder that lost its lease raises LostLease."""

    def start(self, machine: str, name: str, input: Any) -> None:
        """Put one in the queue; a name that was started is not started again."""
        ...

    def stop(self, name: str) -> None:
        """End it if it waits, else ask its holder to."""
        ...

    def is_live(self, name: str) -> bool:
        """Whether it is waiting or running."""
        ...

    def live(self, names: Collection[str]) -> set[str]:
        """Those that are waiting or running."""
        ...

    def wait(self, timeout_seconds: float) -> None:
        """Return when there may be something to claim."""
        ...

    def claim(self) -> Execution | None:
        """Take one that nobody living holds."""
        ...

    def record(self, execution: Any, *, state: str, input: Any, attempt: int, not_before: float) -> Beat:
        """Keep where it stands and renew the lease."""
        ...

    def heartbeat(self, execution: Any) -> Beat:
        """Renew the lease."""
        ...

    def end(self, execution: Any, ending: Ending, *, reason: str | None = None) -> None:
        """Keep how it ended."""
        ...

    def release(self, execution: Any) -> None:
        """Give it back, where it stands."""
        ...


def load_machines(folder: Path) -> dict[str, Machine]:
    """Every machine of a folder by its name. Raises asl.faults.Unsupported."""
    names = {path: path.name.removesuffix(SUFFIX) for path in sorted(folder.glob(f"*{SUFFIX}"))}
    return {name: load(name, path.read_text()) for path, name in names.items()}


class LocalWorkflows:
    """Fits port `Workflows`."""

    def __init__(self, executions: Executions, folder: Path) -> None:
        """folder: where the ASL files lie. Raises asl.faults.Unsupported for one that would not run as it should."""
        self._executions = executions
        self._machines = load_machines(folder)

    def start(self, machine: str, name: str, input: dict[str, Any]) -> None:
        """Start an execution; a name that was started is not started again. Raises KeyError for an unknown machine."""
        self._executions.start(self._machines[machine].name, name, input)

    def stop(self, name: str) -> None:
        """Stop it before its next step; nothing happens where it is not running."""
        self._executions.stop(name)

    def is_live(self, name: str) -> bool:
        """Whether it is waiting or running."""
        return self._executions.is_live(name)

    def live(self, names: Collection[str]) -> set[str]:
        """Those that are waiting or running."""
        return self._executions.live(names)

    def runner(self, tasks: Mapping[str, Task], *, concurrency: int) -> "Runner":
        """What runs them in this process."""
        return Runner(self._executions, self._machines, tasks, concurrency=concurrency)


class Runner:
    """A worker's loop: up to `concurrency` executions at once, each in a thread, each kept after every transition.

    tasks: what the placeholders of the machines' Resources stand for. A task that was under way when its worker was
    killed runs again: tasks are repeatable.
    """

    def __init__(
        self, executions: Executions, machines: Mapping[str, Machine], tasks: Mapping[str, Task], *, concurrency: int
    ) -> None:
        self._executions = executions
        self._machines = machines
        self._tasks = tasks
        self._concurrency = concurrency
        self._stop = threading.Event()
        self._held: dict[str, Execution] = {}
        self._changed = threading.Condition()

    def stop(self) -> None:
        """Take up nothing more; `run` returns when what is under way has come to its next state."""
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`. What is under way PATIENCE_SECONDS later is given back, though its thread runs on."""
        threading.Thread(target=self._keep_leases, name="leases", daemon=True).start()
        while not self._stop.is_set():
            try:
                self._take_up()
            except Unavailable as error:
                log.warning("the queue of work does not answer", extra={"fields": {"reason": str(error)}})
                self._stop.wait(PAUSE_SECONDS)
        self._give_back()

    def run_one(self, execution: Any) -> None:
        """Take an execution as far as it goes now: to its end, to a wait, or to where its lease is lost."""
        machine = self._machines.get(execution.machine)
        if machine is None or not (execution.state is None or execution.state in machine.states):
            reason = f"No state {execution.state} of a machine {execution.machine} is known."
            self._executions.end(execution, "failed", reason=reason)
            return
        cursor = _cursor_of(execution, machine)
        yields_at = time.monotonic() + TURN_SECONDS
        while True:
            context = {"Execution": {"Name": execution.name}, "State": {"Name": cursor.state}}
            after = transition(machine, cursor, World(self._tasks, context, time.time()))
            if isinstance(after, Ended):
                self._end(execution, after)
                return
            if time.monotonic() > yields_at:  # to the end of the queue: a long import lets short ones pass
                after = after._replace(not_before=max(after.not_before, time.time()))
            if self._kept(execution, after).stop_requested:
                self._executions.end(execution, "stopped")
                return
            if self._stop.is_set() or after.not_before:
                self._executions.release(execution)
                return
            cursor = after

    def _take_up(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._held) < self._concurrency, WAIT_SECONDS):
                return
        execution = self._executions.claim()
        if execution is None:
            self._executions.wait(WAIT_SECONDS)
            return
        with self._changed:
            self._held[execution.name] = execution
        threading.Thread(target=self._run_held, args=(execution,), name=execution.name, daemon=True).start()

    def _run_held(self, execution: Any) -> None:
        try:
            self.run_one(execution)
        except LostLease as error:
            log.warning("lost an execution", extra={"fields": {"execution": execution.name, "reason": str(error)}})
        except Unavailable as error:  # nobody holds it when its lease is over, and a worker takes it up again
            log.warning("left an execution", extra={"fields": {"execution": execution.name, "reason": str(error)}})
        finally:
            with self._changed:
                self._held.pop(execution.name, None)
                self._changed.notify_all()

    def _kept(self, execution: Any, cursor: Cursor) -> Beat:
        kept = {"data": cursor.data, "retries": dict(cursor.retries), "waited": cursor.waited}
        attempt = sum(cursor.retries.values())
        return self._executions.record(
            execution, state=cursor.state, input=kept, attempt=attempt, not_before=cursor.not_before
        )

    def _end(self, execution: Any, end: Ended) -> None:
        reason = json.dumps(end.output, ensure_ascii=False) if end.status == "failed" else None
        if reason:
            log.warning("an execution failed", extra={"fields": {"execution": execution.name, "reason": reason}})
        self._executions.end(execution, end.status, reason=reason)

    def _keep_leases(self) -> None:
        """A beat of every execution that is held, until the process ends."""
        while True:
            time.sleep(BEAT_SECONDS)
            with self._changed:
                held = list(self._held.values())
            for execution in held:
                try:
                    self._executions.heartbeat(execution)
                except LostLease:  # it has just ended, or its own thread will hear of it
                    continue
                except Unavailable as error:
                    log.warning("no heartbeat", extra={"fields": {"execution": execution.name, "reason": str(error)}})

    def _give_back(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._held, PATIENCE_SECONDS)
            held = list(self._held.values())
        for execution in held:
            self._executions.release(execution)


def _cursor_of(execution: Execution, machine: Machine) -> Cursor:
    if execution.state is None:
        return begin(machine, execution.input)
    kept = execution.input
    return Cursor(execution.state, kept["data"], kept["retries"], waited=kept["waited"])
