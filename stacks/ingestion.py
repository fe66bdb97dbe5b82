"""From bytes that arrived to passages that are found: upload, state machines, and what does their steps."""

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from stacks.constructs.batch_job import BatchJob
from stacks.constructs.definitions import definition_of, parsed_in_a_job
from stacks.constructs.function import PythonFunction
from stacks.constructs.grants import may_call_models, may_follow, may_forget_files, may_read, may_run
from stacks.constructs.stack import KoshaStack
from stacks.constructs.workflow import Workflow
from stacks.foundation import UPLOAD_TIMEOUT, FoundationStack
from stacks.search import SearchStack
from stacks.settings import Stage

# What a function gives one file that is read at once (kosha/ingestion/at_once.py); what takes more goes to a job.
AT_ONCE = {"KOSHA_PARSER_SECONDS": "30", "KOSHA_PARSER_MEMORY_BYTES": str(512 * 2**20)}


class IngestionStack(KoshaStack):
    """`workflows` by the name of their file; `variables` tells functions where they are."""

    def __init__(self, scope: Construct, stage: Stage, foundation: FoundationStack, search: SearchStack) -> None:
        super().__init__(scope, "ingestion", stage)
        self.alarm_topic = foundation.alarm_topic
        limits = {} if stage.ingestion.parse_in == "function" else AT_ONCE
        self.step = self._steps("WorkflowStep", "workflow_step", foundation, search, environment=limits)
        foundation.models.grant_read(self.step)
        may_read(foundation.provider_secret, self.step)
        may_call_models(self, self.step)
        imports = self._file_import(foundation, search)
        # Crawls and looks at sources start imports, so a second function does their steps: it knows the machine of
        # imports, which the first, named by that machine, cannot.
        self.gather = self._steps(
            "GatherStep",
            "gather_step",
            foundation,
            search,
            environment={
                **self._told_of({"file_import": imports}),
                "KOSHA_CRAWL_ALLOW_HOSTS": ",".join(stage.ingestion.crawl_allow_hosts),
            },
        )
        may_run([imports], self.gather)
        may_follow(self, stage.ingestion.source_buckets, self.gather)
        crawls = self._workflow("website_crawl", self.gather, days=1)

        self.workflows = {
            "file_import": imports,
            "workspace_delete": self._workflow("workspace_delete", self.step, days=2),
            "source_sync": self._workflow("source_sync", self.gather, days=1),
            "website_crawl": crawls,
        }
        for name, workflow in self.workflows.items():
            self.output(f"{_id(name)}Arn", workflow.state_machine_arn)
        self.upload = self._upload(foundation, {"file_import": imports, "website_crawl": crawls})

    @property
    def variables(self) -> dict[str, str]:
        """Which state machine runs what."""
        return self._told_of(self.workflows)

    def _told_of(self, workflows: Mapping[str, Workflow]) -> dict[str, str]:
        arns = {name: workflow.state_machine_arn for name, workflow in workflows.items()}
        return {"KOSHA_STATE_MACHINES": self.to_json_string(arns)}

    def _upload(self, foundation: FoundationStack, begins: Mapping[str, Workflow]) -> PythonFunction:
        """What is called for bytes that arrived. begins: what an original may be the beginning of."""
        upload = PythonFunction(
            self,
            "Upload",
            folder="upload",
            timeout=UPLOAD_TIMEOUT,
            environment={**foundation.variables, **self._told_of(begins)},
        )
        upload.consumes(foundation.arrivals, batch_size=10, at_once=10)
        foundation.lets_write(upload, "documents", "workspaces")
        foundation.uploads.grant_read(upload)  # whether a new version has the bytes that are there already
        for bucket in (foundation.uploads, foundation.processing):
            may_forget_files(bucket, upload)  # bytes of a document that was deleted while they were on their way
        may_run(begins.values(), upload)
        return upload

    def _steps(
        self,
        id: str,
        folder: str,
        foundation: FoundationStack,
        search: SearchStack,
        *,
        environment: Mapping[str, str],
    ) -> PythonFunction:
        """A function that does the steps of state machines, with the rights that all of them need."""
        step = PythonFunction(
            self,
            id,
            folder=folder,
            timeout=Duration.minutes(15),
            memory_mb=1769 if self.stage_settings.ingestion.parse_in == "function" else 1024,
            environment={**foundation.variables, **search.variables, **environment},
            packages=("readers",),
            place=foundation.place,
        )
        foundation.lets_write(step, "workspaces", "documents", "sessions", "turns")
        foundation.uploads.grant_read_write(step)
        foundation.processing.grant_read_write(step)
        search.lets_in(step)
        return step

    def _workflow(self, name: str, step: PythonFunction, *, days: int) -> Workflow:
        return Workflow(self, _id(name), definition=definition_of(name), step=step, timeout=Duration.days(days))

    def _file_import(self, foundation: FoundationStack, search: SearchStack) -> Workflow:
        if self.stage_settings.ingestion.parse_in == "function":
            return self._workflow("file_import", self.step, days=1)
        assert foundation.place is not None
        job = BatchJob(self, "Parse", place=foundation.place, environment={**foundation.variables, **search.variables})
        foundation.lets_write(job.role, "workspaces", "documents")
        search.lets_in(job.role)
        foundation.uploads.grant_read(job.role)
        foundation.processing.grant_read_write(job.role)
        workflow = Workflow(
            self,
            "FileImport",
            definition=parsed_in_a_job(definition_of("file_import")),
            step=self.step,
            timeout=Duration.days(1),
            values={
                "SubmitJob": f"arn:{self.partition}:states:::batch:submitJob.sync",
                "JobQueue": job.queue.job_queue_arn,
                "JobDefinition": job.definition.job_definition_arn,
            },
        )
        job.grant_submit_and_wait(workflow)
        return workflow


def _id(name: str) -> str:
    """ "file_import" -> "FileImport"."""
    return name.title().replace("_", "")
