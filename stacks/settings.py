"""The settings of a stage: typed, and refused before synthesis with the value and what is allowed.

A stage is an entry of `stages` in cdk.json; what it does not name has the default given here.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from stacks.group import Group
from stacks.opensearch import OpenSearch
from stacks.served_models import Image, Package, ServedModel, Snapshot, endpoint_name

Endpoint = Literal[
    "bedrock_runtime", "cognito_idp", "ecr", "ecr_docker", "kms", "lambda", "logs", "monitoring",
    "sagemaker_runtime", "secrets_manager", "sns", "sqs", "ssm", "step_functions", "xray",
]  # fmt: skip
LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]


class SettingRefused(ValueError):
    """A setting that no stage can have; the message names it, its value and what is allowed."""


class Life(Group):
    """How long things are kept, and what protects them."""

    retain: bool = Field(default=True, description="keep data when its stack is deleted")
    termination_protection: bool = Field(default=True, description="refuse to delete the stacks that hold data")
    recovery_days: int = Field(default=7, ge=1, le=35, description="how far back tables, files and database can go")
    log_days: LogDays = Field(default=30, description="how long logs are kept")
    alarm_email: str | None = Field(default=None, pattern=r"^\S+@\S+$", description="who is told of alarms")


class Network(Group):
    """How functions that need the database reach everything else (docs/adr says why)."""

    enabled: bool = Field(default=True, description="whether there is a network of our own at all")
    egress: Literal["nat_instance", "nat_gateway"] = Field(
        default="nat_instance", description="how the private subnets reach the world"
    )
    zones: int = Field(default=2, ge=2, le=3, description="how many availability zones")
    cidr: str = Field(default="10.40.0.0/16", pattern=r"^\d+\.\d+\.\d+\.\d+/(1[6-9]|2[0-4])$", description="addresses")
    interface_endpoints: tuple[Endpoint, ...] = Field(
        default=(), description="services reached inside the network; each costs about 7.30 USD a month and zone"
    )


class Database(Group):
    """Where vectors and passages are kept."""

    kind: Literal["aurora", "outside"] = Field(default="aurora", description="outside: one that is there already")
    max_capacity: float = Field(default=4, ge=0.5, le=256, multiple_of=0.5, description="Aurora capacity units")
    min_capacity: float = Field(default=0, ge=0, le=256, multiple_of=0.5, description="0: it sleeps when unused")
    auto_pause_minutes: int = Field(default=5, ge=5, le=1440, description="unused for so long, it sleeps")
    readers: int = Field(default=0, ge=0, le=15, description="further instances that take over when the writer fails")
    proxy: bool = Field(default=False, description="RDS Proxy before it; it then never sleeps")
    rotation_days: int | None = Field(default=None, ge=1, le=365, description="how often its password changes")
    connection: dict[str, str | int] | None = Field(
        default=None, description="of an outside one: host, port, username, password, dbname"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> "Database":
        wanted = {"host", "port", "username", "password", "dbname"}
        if self.kind == "outside" and set(self.connection or {}) != wanted:
            raise ValueError(f"an outside database needs connection with exactly {', '.join(sorted(wanted))}")
        if self.proxy and self.min_capacity == 0:
            raise ValueError("a proxy keeps the database awake: give min_capacity of at least 0.5")
        if self.min_capacity > self.max_capacity:
            raise ValueError("min_capacity must not be above max_capacity")
        return self


class IdentityProvider(Group):
    """An OIDC or SAML provider whose people may sign in."""

    kind: Literal["oidc", "saml"]
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{3,32}$", description="what the sign-in page calls it")
    issuer: str | None = Field(default=None, pattern=r"^https://\S+$", description="OIDC: the issuer's address")
    client_id: str | None = Field(default=None, description="OIDC: what the issuer calls this product")
    client_secret_arn: str | None = Field(
        default=None, pattern=r"^arn:aws[\w-]*:secretsmanager:\S+$", description="OIDC: secret that holds the client's"
    )
    metadata_url: str | None = Field(default=None, pattern=r"^https://\S+$", description="SAML: the metadata's address")

    @model_validator(mode="after")
    def _is_complete(self) -> "IdentityProvider":
        if self.kind == "oidc" and not (self.issuer and self.client_id and self.client_secret_arn):
            raise ValueError("kind oidc needs issuer, client_id and client_secret_arn")
        if self.kind == "saml" and not self.metadata_url:
            raise ValueError("kind saml needs metadata_url")
        return self


class People(Group):
    """Who may sign in, and how."""

    mfa: Literal["off", "optional", "required"] = Field(default="optional", description="one-time codes at sign-in")
    rest_authorizer: Literal["lambda", "cognito"] = Field(
        default="lambda", description="lambda: id and access tokens, revoked within a minute; cognito: id tokens only"
    )
    identity_provider: IdentityProvider | None = Field(default=None, description="sign-in through another house")
    sign_in_domain: str | None = Field(
        default=None, pattern=r"^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])?$", description="prefix of the hosted sign-in page"
    )
    site_origins: tuple[str, ...] = Field(
        default=("*",), min_length=1, description="origins of pages that may call the APIs and upload"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> "People":
        if self.identity_provider and (not self.sign_in_domain or "*" in self.site_origins):
            raise ValueError("an identity_provider needs sign_in_domain, and site_origins named one by one")
        return self


class Models(Group):
    """What answers and embeds where a workspace or question names nothing."""

    default: str = Field(
        default="bedrock/amazon.nova-lite-v1:0", pattern=r"^[a-z_]+/\S+$", description="provider/model"
    )
    embeddings: tuple[str, ...] = Field(
        default=("bedrock/amazon.titan-embed-text-v2:0",), min_length=1, description="provider/model, the default first"
    )
    openai: tuple[str, ...] = Field(
        default=(), description="models of the compatible server that OPENAI_BASE_URL names"
    )
    sagemaker_endpoints: dict[str, str] = Field(
        default_factory=dict, description="endpoints that are there already: {model's id in the catalogue: name}"
    )


class Chat(Group):
    """The socket and the worker that answers."""

    worker_memory_mb: int = Field(default=1024, ge=512, le=10_240, description="also sets its share of processor")
    worker_concurrency: int = Field(default=20, ge=2, le=1000, description="questions answered at the same time")
    snap_start: bool = Field(default=True, description="start the worker from a snapshot of its memory")
    messages_per_second: int = Field(default=50, ge=1, le=10_000, description="frames that all sockets may send")
    message_burst: int = Field(default=100, ge=1, le=5_000)
    canary: Literal["off", "10_percent_5_minutes", "10_percent_15_minutes"] = Field(
        default="10_percent_5_minutes", description="a new worker answers a share first, and goes back when it fails"
    )


class Ingestion(Group):
    """How files are read."""

    parse_in: Literal["fargate", "ec2", "function"] = Field(
        default="fargate", description="where files are read: a Batch job on Fargate or EC2, or a function"
    )
    image: Literal["light", "unstructured"] = Field(
        default="light", description="the readers in the job's image: our own, or unstructured's besides"
    )
    source_buckets: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")], ...] = Field(
        default=(), description="buckets of this account that workspaces may follow"
    )
    crawl_allow_hosts: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9:._-]{1,253}$")], ...] = Field(
        default=(), description="hosts that a crawl may visit although their addresses are private"
    )
    job_vcpus: int = Field(default=1, ge=1, le=16)
    job_memory_mb: int = Field(default=4096, ge=2048, le=122_880)
    max_vcpus: int = Field(default=16, ge=1, le=256, description="of all jobs together")
    job_minutes: int = Field(default=60, ge=1, le=1440, description="a job that reads longer is stopped")


class Api(Group):
    """The REST API."""

    requests_per_second: int = Field(default=50, ge=1, le=10_000)
    request_burst: int = Field(default=100, ge=1, le=5_000)
    set_account_role: bool = Field(
        default=True, description="let API Gateway write logs; false where the account has its role already"
    )


class Domain(Group):
    """An address of one's own."""

    name: str = Field(pattern=r"^[a-z0-9.-]+\.[a-z]{2,}$", description="as in kosha.example.org")
    certificate_arn: str = Field(
        pattern=r"^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate/\S+$",
        description="CloudFront reads those of us-east-1",
    )
    hosted_zone_id: str | None = Field(
        default=None, pattern=r"^Z[A-Z0-9]+$", description="Route 53 zone to point there"
    )


class Web(Group):
    """The UI and both APIs on one address."""

    enabled: bool = Field(default=True, description="the stack with CloudFront; `cdn` says whether APIs expect one")
    waf: Literal["off", "managed"] = Field(
        default="off",
        description="managed: AWS's common rules and a limit a client (from 8 USD a month, us-east-1 only)",
    )
    waf_arn: str | None = Field(default=None, pattern=r"^arn:aws[\w-]*:wafv2:us-east-1:\S+:global/webacl/\S+$")
    requests_per_minute: int = Field(default=1000, ge=10, description="of one address, where waf is managed")
    price_class: Literal["100", "200", "all"] = Field(
        default="100", description="how much of the world is near an edge"
    )
    domain: Domain | None = None


class Watching(Group):
    """Alarms and the dashboard besides those that functions and queues always have."""

    enabled: bool = True
    oldest_message_minutes: int = Field(default=10, ge=1, description="an older one in a queue raises an alarm")
    api_seconds_p95: float = Field(default=5, gt=0, description="slower calls of the REST API raise an alarm")
    connections: int = Field(default=80, ge=1, description="more to the database raise an alarm")


class Functions(Group):
    """What all functions have in common."""

    runtime: Literal["python3.11", "python3.12", "python3.13"] = "python3.13"
    architecture: Literal["arm64", "x86_64"] = "arm64"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    environment: dict[str, str] = Field(default_factory=dict, description="further variables of every function")
    packages: Literal["resolved", "installed"] = Field(
        default="resolved", description="resolved: fetched for AWS; installed: copied from this interpreter"
    )


class Stage(Group):
    """Everything that can be chosen for a deployment."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,19}$", description="part of every stack's name")
    life: Life = Field(default_factory=Life)
    network: Network = Field(default_factory=Network)
    database: Database = Field(default_factory=Database)
    opensearch: OpenSearch | None = Field(default=None, description="a further engine, beside the database")
    people: People = Field(default_factory=People)
    models: Models = Field(default_factory=Models)
    chat: Chat = Field(default_factory=Chat)
    ingestion: Ingestion = Field(default_factory=Ingestion)
    api: Api = Field(default_factory=Api)
    functions: Functions = Field(default_factory=Functions)
    web: Web = Field(default_factory=Web)
    watching: Watching = Field(default_factory=Watching)
    serves: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")], ServedModel] = Field(
        default_factory=dict[str, ServedModel],
        description="models on SageMaker, by a name that is part of the endpoint's",
    )
    cdn: bool = Field(default=True, description="CloudFront before both APIs, which then take calls from it alone")
    tls_only: bool = Field(default=True, description="buckets, queues and topics refuse connections without TLS")
    deploys_as: Literal["roles", "caller"] = Field(
        default="roles", description="roles: those that `cdk bootstrap` made; caller: whoever runs cdk, with their keys"
    )
    callback_base: str | None = Field(
        default=None, description="address under which gateways are reached by path, where AWS itself is not meant"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> "Stage":
        if self.database.kind == "aurora" and not self.network.enabled:
            raise ValueError("database.kind 'aurora' needs network.enabled")
        if self.ingestion.parse_in != "function" and not self.network.enabled:
            raise ValueError("ingestion.parse_in 'fargate' or 'ec2' needs network.enabled; else choose 'function'")
        if self.chat.canary != "off" and not self.chat.snap_start:
            raise ValueError("chat.canary moves between versions, which snap_start makes: set it 'off', or snap_start")
        if self.web.enabled and not self.cdn:
            raise ValueError("web.enabled needs cdn, so that nobody goes round CloudFront")
        return self

    @property
    def endpoints(self) -> dict[str, str]:
        """Names of SageMaker endpoints by the model's id in the catalogue: those there already, and our own."""
        own = {served.model: endpoint_name(self.name, name) for name, served in self.serves.items()}
        return {**self.models.sagemaker_endpoints, **own}


def read(name: str, stages: Mapping[str, Mapping[str, Any]]) -> Stage:
    """The stage of that name. Raises SettingRefused."""
    if name not in stages:
        raise SettingRefused(f"stage = {name!r}: allowed are {', '.join(sorted(stages))}.")
    try:
        return Stage.model_validate({"name": name, **stages[name]})
    except ValidationError as error:
        raise SettingRefused("\n".join(_sentence(name, dict(fault)) for fault in error.errors())) from error


def _sentence(stage: str, fault: dict[str, Any]) -> str:
    path = ".".join(str(part) for part in fault["loc"])
    place = f"{stage}.{path}" if path else stage
    if fault["type"] == "missing":
        return f"{place} is missing."
    if fault["type"] == "extra_forbidden":
        return f"{place} is no setting: allowed are {', '.join(_siblings(fault['loc']))}."
    if fault["type"] == "value_error" and not isinstance(fault["input"], str | int | float):
        return f"{place}: {fault['ctx']['error']}."
    return f"{place} = {fault['input']!r}: {fault['msg'][0].lower()}{fault['msg'][1:]}."


def _siblings(path: tuple[str | int, ...]) -> list[str]:
    """The settings that may stand where an unknown one stood."""
    groups: list[type[BaseModel]] = [Stage]
    for part in path[:-1]:
        fields = [group.model_fields[str(part)].annotation for group in groups if part in group.model_fields]
        groups = [found for field in fields for found in _groups_in(field)] or _WAYS.get(part, groups)
    return sorted({name for group in groups for name in group.model_fields})


_WAYS: dict[str | int, list[type[BaseModel]]] = {"image": [Image], "package": [Package], "snapshot": [Snapshot]}


def _groups_in(annotation: Any) -> list[type[BaseModel]]:
    """The groups that a type names: itself, or parts of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _groups_in(part)]
