"""The environment of a function on AWS, typed: which tables, buckets and secrets are its own, and the limits.

A setting is an environment variable `KOSHA_<NAME>`, written by the stacks. A function has those that it needs.
"""

import json
import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from kosha.wiring.settings import PREFIX, Listed

Arns = Annotated[dict[str, str], BeforeValidator(lambda told: json.loads(told) if isinstance(told, str) else told)]


class AwsSettings(BaseModel):
    """Where the parts of a deployment are. Sizes are bytes, times seconds."""

    model_config = ConfigDict(frozen=True)

    stage: str = Field("default", description="which deployment this is")
    workspaces_table: str | None = None
    documents_table: str | None = None
    sessions_table: str | None = None
    turns_table: str | None = None
    connections_table: str | None = None
    replies_table: str | None = None
    upload_bucket: str | None = Field(None, description="originals, as people brought them")
    processing_bucket: str | None = Field(None, description="what imports made of them")
    messages_topic: str | None = Field(None, description="ARN of the topic of questions and ends")
    state_machines: Arns = Field({}, description="ARNs by name, as a JSON object")
    database_secret: str | None = Field(None, description="ARN: host, port, username, password, dbname")
    database_host: str | None = Field(None, description="a proxy before the host that the secret names")
    opensearch_url: str | None = Field(None, description="a cluster or domain for the engine `opensearch`", repr=False)
    opensearch_region: str | None = Field(None, description="where it is, if its calls are to be signed")
    opensearch_secret: str | None = Field(None, description="ARN: username, password, if they are not")
    vector_store: str | None = Field(None, description="module:function that makes LangChain vector stores")
    provider_secret: str | None = Field(None, description="ARN: keys of model providers by their own names")
    origin_secret: str | None = Field(None, description="ARN: what the edge sends as X-Origin-Verify; none, no edge")
    user_pool_id: str | None = None
    user_pool_client_id: str | None = None
    websocket_endpoint: str | None = Field(None, description="where frames are posted to connections")
    parser: Literal["light", "unstructured"] = Field("light", description="who reads files; the job's image has it set")
    parser_seconds: float = Field(110.0, gt=0, description="what our own readers may take for one file")
    parser_memory_bytes: int = Field(2**30, ge=2**27, description="the same of memory")
    models_parameter: str | None = Field(None, description="parameter: the default model, embeddings, endpoints")

    source_buckets: Listed = Field((), description="buckets that workspaces may follow, with commas between them")
    crawl_allow_hosts: Listed = Field((), description="hosts that a crawl may visit although private, with commas")
    crawl_slice_seconds: float = Field(60.0, gt=0, le=600)
    upload_limit_bytes: int = Field(100 * 2**20, ge=1, le=5 * 2**30)
    upload_ticket_seconds: int = Field(900, ge=10, le=86_400)
    model_timeout_seconds: int = Field(120, ge=1)
    history_tokens: int = Field(2000, ge=0)
    context_tokens: int = Field(2400, ge=200)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "AwsSettings":
        """The settings of this function."""
        names = {f"{PREFIX}{name.upper()}": name for name in cls.model_fields}
        told: dict[str, Any] = {names[name]: value for name, value in environment.items() if name in names and value}
        return cls.model_validate(told)

    def needed(self, name: str) -> str:
        """A setting without which nothing can be done. Raises LookupError that names its variable."""
        value = getattr(self, name)
        if value is None:
            raise LookupError(f"{PREFIX}{name.upper()} is not set: the stacks did not give it to this function.")
        return str(value)


def trace_header() -> str:
    """The trace of the event that is being worked on, which Lambda writes into the environment before each."""
    return os.environ.get("_X_AMZN_TRACE_ID", "")


def trace_daemon() -> str | None:
    """Where X-Ray's daemon listens, "host:port"; None outside Lambda."""
    return os.environ.get("AWS_XRAY_DAEMON_ADDRESS")
