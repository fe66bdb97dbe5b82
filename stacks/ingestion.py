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


class IngestionStack(KoshaStack):
    """`workflows` by the name of their file; `variables` tells functions where they are."""

    def __init__(self, scope: Construct, stage: Stage, foundation: FoundationStack, search: SearchStack) -> None:
        super().__init__(scope, "ingestion", stage)
        self.alarm_topic = foundation.alarm_topic
        readers = ("readers",) if stage.ingestion.parse_in == "function" else ()
        self.step = self._steps("WorkflowStep", "workflow_step", foundation, search, packages=readers)
        imports = self._file_import(foundation, search)
        # Crawls and looks at sources start imports, so a second function does their steps: it knows the machine of
        # imports, which the first, named by that machine, cannot.
        self.gather = self._steps(
            "GatherStep",
            "gather_step",
            foundation,
            search,
            packages=("readers",),
            environment={
                "KOSHA_STATE_MACHINES": self.to_json_string({"file_import": imports.state_machine_arn}),
                "KOSHA_CRAWL_ALLOW_HOSTS": ",".join(stage.ingestion.crawl_allow_hosts),
            },
        )
        may_run([imports], self.gather)
        may_follow(self, stage.ingestion.source_buckets, self.gather)

        self.workflows = {
            "file_import": imports,
            "workspace_delete": Workflow(
                self,
                "WorkspaceDelete",
                definition=definition_of("workspace_delete"),
                step=self.step,
                timeout=Duration.days(2),
            ),
            "source_sync": Workflow(
                self,
                "SourceSync",
                definition=definition_of("source_sync"),
                step=self.gather,
                timeout=Duration.days(1),
            ),
            "website_crawl": Workflow(
                self,
                "WebsiteCrawl",
                definition=definition_of("website_crawl"),
                step=self.gather,
                timeout=Duration.days(1),
            ),
        }

        self.upload = PythonFunction(
            self,
            "Upload",
            folder="upload",
            timeout=UPLOAD_TIMEOUT,
            environment={**foundation.variables, **self.variables},
        )
        self.upload.consumes(foundation.arrivals, batch_size=10, at_once=10)
        foundation.lets_write(self.upload, "documents", "workspaces")
        foundation.uploads.grant_read(self.upload)  # whether a new version has the bytes that are there already
        for bucket in (foundation.uploads, foundation.processing):
            may_forget_files(bucket, self.upload)  # bytes of a document that was deleted while they were on their way
        may_run(self.workflows.values(), self.upload)

        for name, workflow in self.workflows.items():
            self.output(f"{name.title().replace('_', '')}Arn", workflow.state_machine_arn)

    @property
    def variables(self) -> dict[str, str]:
        """Which state machine runs what."""
        arns = {name: workflow.state_machine_arn for name, workflow in self.workflows.items()}
        return {"KOSHA_STATE_MACHINES": self.to_json_string(arns)}

    def _steps(
        self,
        id: str,
        folder: str,
        foundation: FoundationStack,
        search: SearchStack,
        *,
        packages: tuple[str, ...],
        environment: Mapping[str, str] | None = None,
    ) -> PythonFunction:
        """A function that does the steps of state machines, with the rights that all of them need."""
        step = PythonFunction(
            self,
            id,
            folder=folder,
            timeout=Duration.minutes(15),
            memory_mb=1769 if self.stage_settings.ingestion.parse_in == "function" else 1024,
            environment={**foundation.variables, **search.variables, **(environment or {})},
            packages=packages,
            place=foundation.place,
        )
        foundation.lets_write(step, "workspaces", "documents", "sessions", "turns")
        foundation.uploads.grant_read_write(step)
        foundation.processing.grant_read_write(step)
        foundation.models.grant_read(step)
        may_read(foundation.provider_secret, step)
        search.lets_in(step)
        may_call_models(self, step)
        return step

    def _file_import(self, foundation: FoundationStack, search: SearchStack) -> Workflow:
        definition = definition_of("file_import")
        if self.stage_settings.ingestion.parse_in == "function":
            return Workflow(self, "FileImport", definition=definition, step=self.step, timeout=Duration.days(1))
        assert foundation.place is not None
        job = BatchJob(self, "Parse", place=foundation.place, environment={**foundation.variables, **search.variables})
        foundation.lets_write(job.role, "workspaces", "documents")
        search.lets_in(job.role)
        foundation.uploads.grant_read(job.role)
        foundation.processing.grant_read_write(job.role)
        workflow = Workflow(
            self,
            "FileImport",
            definition=parsed_in_a_job(definition),
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
