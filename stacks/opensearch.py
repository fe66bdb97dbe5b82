"""Settings: an OpenSearch cluster that is there already, for workspaces of the engine `opensearch`."""

from urllib.parse import urlsplit

from pydantic import Field, model_validator

from stacks.group import Group

SERVERLESS = ".aoss."


class OpenSearch(Group):
    """Where it is, and how functions sign in: as a user whom a secret names, or each with its own role."""

    url: str = Field(description="as in https://search.example.com:9200; who signs in does not stand here")
    secret_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:\S+-[A-Za-z0-9]{6}$",
        description="whole ARN of a secret of this region with the sign-in, as JSON: username, password",
    )
    secret_key_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+$",
        description="the key of the secret, where it is not the one that AWS keeps for secrets",
    )
    domain_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws[\w-]*:es:[\w-]+:\d{12}:domain/[a-z][a-z0-9-]{2,27}$",
        description="instead of a secret: a domain of AWS whose calls are signed (SigV4)",
    )

    @model_validator(mode="after")
    def _fit_together(self) -> "OpenSearch":
        if fault := _fault(self.url):  # told without the value, in which a password may stand
            raise ValueError(f"url {fault}; write it like https://search.example.com:9200")
        if (self.secret_arn is None) == (self.domain_arn is None):
            raise ValueError("give either secret_arn, or domain_arn for signed calls")
        if self.secret_key_arn and not self.secret_arn:
            raise ValueError("secret_key_arn needs secret_arn")
        return self

    @property
    def variables(self) -> dict[str, str]:
        """What functions are told."""
        if self.secret_arn:
            return {"KOSHA_OPENSEARCH_URL": self.url, "KOSHA_OPENSEARCH_SECRET": self.secret_arn}
        assert self.domain_arn is not None
        return {"KOSHA_OPENSEARCH_URL": self.url, "KOSHA_OPENSEARCH_REGION": self.domain_arn.split(":")[3]}


def _fault(url: str) -> str | None:
    """What is wrong with an address, as the rest of a sentence."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is no address"
    if parts.username is not None or parts.password is not None:
        return "must not name who signs in: the secret does"
    if not is_address:
        return "has to be an https address"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "ends with the host or its port"
    if SERVERLESS in str(parts.hostname):
        return "is a serverless collection, which takes no entries with ids of ours: use a domain"
    return None
