"""Models of the Hub packaged for SageMaker by a CodeBuild project: started, and asked how far they are."""

from collections.abc import Mapping
from typing import Any, Protocol

from kosha.adapters.aws.errors import told_as_ours
from kosha.errors import Rejected

SECRET = "HF_TOKEN"  # the one variable whose value is the ARN of a secret  # noqa: S105


class CodeBuild(Protocol):
    """`boto3.client("codebuild")`."""

    def start_build(self, **request: Any) -> dict[str, Any]: ...
    def batch_get_builds(self, **request: Any) -> dict[str, Any]: ...


class ModelPackaging:
    """Builds of one project."""

    def __init__(self, client: CodeBuild, project: str) -> None:
        self._client = client
        self._project = project

    def start(self, variables: Mapping[str, str], *, once: str) -> str:
        """Start a build; returns its id. Asked again with the same `once`, it is the same build. Raises Unavailable."""
        told = [
            {"name": name, "value": value, "type": "SECRETS_MANAGER" if name == SECRET else "PLAINTEXT"}
            for name, value in sorted(variables.items())
        ]
        with told_as_ours("start packaging the model"):
            reply = self._client.start_build(
                projectName=self._project, environmentVariablesOverride=told, idempotencyToken=once
            )
        return str(reply["build"]["id"])

    def is_done(self, build_id: str) -> bool:
        """Whether it ended well; False while it runs. Raises Rejected with what its log says where it failed."""
        with told_as_ours("ask how far the packaging of the model is"):
            builds = self._client.batch_get_builds(ids=[build_id])["builds"]
        if not builds:
            raise Rejected(f"CodeBuild knows no build {build_id}. Deploy again.")
        [build] = builds
        if build["buildStatus"] == "IN_PROGRESS":
            return False
        if build["buildStatus"] != "SUCCEEDED":
            raise Rejected(_why(build))
        return True


def _why(build: Mapping[str, Any]) -> str:
    """One sentence for CloudFormation: which phase, its own words, and where the whole log is."""
    phases: list[dict[str, Any]] = build.get("phases", [])
    nothing: dict[str, Any] = {}
    failed = next((phase for phase in phases if phase.get("phaseStatus") not in (None, "SUCCEEDED")), nothing)
    words = " ".join(str(context.get("message", "")) for context in failed.get("contexts", [])).strip()
    log = build.get("logs", {}).get("deepLink", "in the CodeBuild console")
    phase = failed.get("phaseType", "an unknown phase")
    ended = f"build {build['id']} ended {build['buildStatus']} in {phase}"
    return f"The model could not be packaged: {ended}: {words} Log: {log}"
