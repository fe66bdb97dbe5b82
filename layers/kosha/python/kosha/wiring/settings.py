"""The only reader of the environment: every setting, typed, with its default and what it is for.

A setting is an environment variable `KOSHA_<NAME>`, or a key of the same lower-case name in `DATA/kosha.toml`;
the environment wins. `OPENAI_BASE_URL` and `OPENAI_API_KEY` are read as OpenAI's own SDK reads them.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kosha.errors import Rejected

PREFIX = "KOSHA_"
OPENAI_NAMES = {"OPENAI_BASE_URL": "openai_base_url", "OPENAI_API_KEY": "openai_api_key"}
OPENAI_DEFAULT_URL = "https://api.openai.com/v1"


def listed(told: object) -> object:
    """What a variable says with commas between, as a list; a list of a file as it is."""
    return [part.strip() for part in told.split(",") if part.strip()] if isinstance(told, str) else told


Listed = Annotated[tuple[str, ...], BeforeValidator(listed)]


class Settings(BaseModel):
    """What can be set. Sizes are bytes, times seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        default=Path(".kosha"), description="the folder that holds everything: database, originals, keys"
    )
    upload_limit_bytes: int = Field(
        100 * 2**20, ge=1, le=5 * 2**30, description="the largest file that may be uploaded"
    )
    upload_ticket_seconds: int = Field(
        default=900, ge=10, le=86_400, description="how long leave to upload one file lasts"
    )
    access_token_seconds: int = Field(default=3600, ge=60, le=86_400, description="how long an access token lasts")
    refresh_token_seconds: int = Field(30 * 86_400, ge=600, description="how long a sign-in lasts unused")
    default_model: str | None = Field(default=None, description="the model for those who choose none, as provider/name")
    find_local_models: bool = Field(
        default=True, description="look for Ollama, vLLM and llama.cpp on their usual ports"
    )
    model_timeout_seconds: int = Field(default=120, ge=1, description="how long a model may say nothing")
    minilm_folder: Path | None = Field(
        default=None, description="a folder with all-MiniLM-L6-v2 (model.safetensors, tokenizer.json)"
    )
    allow_model_download: bool = Field(
        default=False, description="fetch that model once from its hub, at a pinned revision and hash"
    )
    history_tokens: int = Field(default=2000, ge=0, description="how much of the conversation a model is told")
    context_tokens: int = Field(default=2400, ge=200, description="how much of the documents a model is told")
    ingest_parallel: int = Field(default=2, ge=1, le=16, description="how many documents are read at once")
    crawl_allow_hosts: Listed = Field(
        default=(),
        description="hosts that a crawl may visit although their addresses are private, with commas between them",
    )
    log_level: str = Field(default="WARNING", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="how much is logged")
    source_folders: Annotated[tuple[Path, ...], BeforeValidator(listed)] = Field(
        default=(), description="folders of this machine that workspaces may follow, with commas between them"
    )
    source_buckets: Listed = Field(
        default=(), description="S3 buckets that workspaces may follow, with commas (needs `pip install 'kosha[aws]'`)"
    )
    rerank_url: str | None = Field(
        default=None, description="a rerank endpoint as Cohere's (Cohere, Jina, vLLM, llama.cpp ...), its whole address"
    )
    rerank_model: str | None = Field(default=None, description="the name of its model")
    rerank_api_key: str | None = Field(default=None, description="its key", repr=False)
    cross_encoder_folder: Path | None = Field(
        default=None,
        description="a folder with a cross-encoder for sentence-transformers (`pip install 'kosha[rerank]'`)",
    )
    opensearch_url: str | None = Field(
        default=None, description="an OpenSearch cluster for workspaces of the engine `opensearch`", repr=False
    )
    vector_store: str | None = Field(
        default=None,
        description="module:function that makes LangChain vector stores, for the engine `langchain` (docs/engines.md)",
    )
    openai_base_url: str | None = Field(
        default=None, description="an OpenAI-compatible server (variable OPENAI_BASE_URL)"
    )
    openai_api_key: str | None = Field(default=None, description="its key (variable OPENAI_API_KEY)", repr=False)

    @classmethod
    def read(cls, data: Path | None = None, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Settings of a data directory. Raises Rejected that names the setting, its value and what is allowed."""
        folder = (data or Path(environment.get("KOSHA_DATA", ".kosha"))).expanduser().absolute()
        told = _from_file(folder / "kosha.toml") | _from_environment(environment) | {"data": folder}
        try:
            return cls.model_validate(told)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            known = "" if name in cls.model_fields else f" Known settings: {', '.join(sorted(cls.model_fields))}."
            raise Rejected(
                f"Setting {PREFIX}{name.upper()} = {first.get('input')!r}: {first['msg']}.{known}"
            ) from error


def child_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a server or a worker is started with: as we were, and one thread a product of matrices.

    Ours are small. The other threads of numpy's OpenBLAS wait for them by spinning, which took four of ten processor
    seconds of a busy server (docs/performance.md).
    """
    return {"OPENBLAS_NUM_THREADS": "1", **environment}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in environment.items():
        if name in OPENAI_NAMES and value:
            told[OPENAI_NAMES[name]] = value
        elif name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() in Settings.model_fields:
            told[name.removeprefix(PREFIX).lower()] = value
    return told


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise Rejected(f"{path} is not valid TOML: {error}. Correct it, or remove it to use the defaults.") from error


def table() -> str:
    """docs/settings.md: one row a setting."""
    rows = [
        "# Settings",
        "",
        "An environment variable, or the same name without `KOSHA_`, in lower case, in `DATA/kosha.toml`.",
        "",
    ]
    rows += ["| variable | default | what it is for |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        variable = name.upper() if name.startswith("openai_") else f"{PREFIX}{name.upper()}"
        default = "" if field.default in (None, ()) else f"`{field.default}`"
        rows.append(f"| `{variable}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201  `python -m kosha.wiring.settings > docs/settings.md`
