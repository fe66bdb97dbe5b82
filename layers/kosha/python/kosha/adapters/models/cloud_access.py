"""What an installation on AWS may use of models, and why it may not use the rest."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import boto3

from kosha.adapters.models.azure_chat import AzureAccess
from kosha.adapters.models.openai_chat import OpenAiAccess

Client = Callable[[str], Any]  # the name of a service to its client of boto3, cuttable; made at first use
_PARTS = {"us": "us", "eu": "eu", "ap": "apac"}


def why_no_aws() -> tuple[str | None, str | None]:
    """(region, why AWS cannot be asked); the reason is None where it can."""
    session: Any = boto3.Session()
    if session.region_name is None:
        return None, "No AWS region is set. Set AWS_REGION."
    if session.get_credentials() is None:
        return session.region_name, "There are no AWS credentials. Give the installation a role, or keys."
    return session.region_name, None


class CloudAccess(NamedTuple):
    """Credentials and addresses.

    no_aws: why AWS cannot be asked (no region, no credentials), None where it can. client: of a runtime service.
    endpoints: of SageMaker, {id of a model in the catalogue: name of its endpoint}.
    guardrail: of Bedrock, for every answer.
    """

    client: Client
    region: str | None = None
    no_aws: str | None = None
    openai: OpenAiAccess | None = None
    azure: AzureAccess | None = None
    endpoints: Mapping[str, str] = {}
    guardrail: dict[str, str] | None = None

    def why_not(self, provider: str, model_id: str) -> str | None:
        """Why a model cannot be used; None where nothing speaks against it."""
        if provider in ("bedrock", "sagemaker") and self.no_aws:
            return self.no_aws
        if provider == "sagemaker" and model_id not in self.endpoints:
            return f"No SageMaker endpoint serves it. Deploy one, and name it as sagemakerEndpoints[{model_id!r}]."
        if provider == "openai" and self.openai is None:
            return "There is no key for it. Set OPENAI_API_KEY in the secret of the model providers."
        if provider == "azure" and self.azure is None:
            return "There is no resource for it. Set AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY in the secret."
        if provider == "azure" and self.azure and model_id not in self.azure.deployments:
            return f"It is not deployed on Azure. Name its deployment in AZURE_OPENAI_DEPLOYMENTS as {model_id}=NAME."
        return None

    def bedrock_id(self, model_id: str, profile: str | None) -> str:
        """What Bedrock is asked for: the model, or its inference profile for this part of the world."""
        if profile is None:
            return model_id
        region = self.region or ""
        part = "us-gov" if region.startswith("us-gov-") else _PARTS.get(region[:2], "global")
        return f"{'global' if profile == 'global' else part}.{model_id}"
