"""A house whose files are read in jobs: processes of their own that run batch_jobs/run_step.py."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stacks.constructs.definitions import definition_of, parsed_in_a_job
from tests.unit.ingestion.house import House

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.parser_process import ParserProcess
from kosha.adapters.local.workflows import LocalWorkflows
from kosha.adapters.postgres.database import Database
from kosha.adapters.postgres.migrate import migrate

ROOT = Path(__file__).parents[2]
ATTEMPTS = 3


class Job:
    """Batch, as far as our job meets it: starts the command anew until it ends well, three times in all.

    parsers: what each attempt finds, the last one again and again; see job.py. statuses: how each attempt ended.
    """

    def __init__(self, dsn: str, folder: Path) -> None:
        self.parsers = ["reads"]
        self.statuses: list[int] = []
        self.said = ""
        self._dsn = dsn
        self._folder = folder

    def submit(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """`batch:submitJob.sync`. Raises what Step Functions calls a job that failed."""
        command = parameters["ContainerOverrides"]["Command"]
        for _ in range(ATTEMPTS):
            if self.run(*command) == 0:
                return {"Status": "SUCCEEDED"}
        raise type("States.TaskFailed", (Exception,), {})("Essential container in task exited")

    def run(self, *command: str) -> int:
        """One attempt; its exit status."""
        parser = self.parsers.pop(0) if len(self.parsers) > 1 else self.parsers[0]
        places = [ROOT, ROOT / "batch_jobs", ROOT / "layers" / "kosha" / "python"]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.batch_jobs.job", self._dsn, self._folder, parser, *command],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        self.said = ended.stderr
        self.statuses.append(ended.returncode)
        return ended.returncode


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("jobs"), holder="the tests of jobs") as server:
        yield server


@pytest.fixture
def house(server: EmbeddedPostgres, tmp_path: Path) -> Iterator[House]:
    database = Database(server.dsn)
    database.open()
    migrate(database)
    with ParserProcess() as parser:
        yield House(database, tmp_path / "blobs", parser)
    database.close()


@pytest.fixture
def job(server: EmbeddedPostgres, house: House, tmp_path: Path) -> Job:
    """The house's imports parse in it."""
    job = Job(server.dsn, house.folder)
    machines = tmp_path / "machines"
    machines.mkdir()
    (machines / "file_import.asl.json").write_text(json.dumps(parsed_in_a_job(definition_of("file_import"))))
    house.workflows = LocalWorkflows(house.executions, machines)
    tasks = {"WorkflowStep": lambda event: house.task(event), "SubmitJob": job.submit}
    house.runner = house.workflows.runner(tasks, concurrency=1)
    return job
