"""The adapter of one machine over sentence-transformers, on the same tiny model as the script of the containers."""

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from tests.unit.sagemaker_inference.conftest import PYTHON, QUIET, ROOT, Container

from kosha.adapters.local.sentence_transformers_encoder import why_not
from kosha.adapters.local.weights import Weights

pytestmark = pytest.mark.slow
QUERY = "How many days of leave are there?"
TEXTS = ["Leave is 25 days a year.", "Lunch is at noon.", "x"]
SITE = Path(sysconfig.get_path("purelib", vars={"base": str(ROOT / ".venv")}))
SCORE = """
import json, site, sys
from pathlib import Path
site.addsitedir(sys.argv[1])
from kosha.adapters.local.sentence_transformers_encoder import SentenceTransformersEncoder
encoder = SentenceTransformersEncoder(Path(sys.argv[2]))
print(json.dumps([encoder.score(sys.argv[3], json.loads(sys.argv[4])).tolist(), encoder.score("q", []).shape]))
"""


def test_passages_stand_in_the_order_of_the_models_own_scores(
    container: Container, minilm: Weights, tmp_path: Path
) -> None:
    pairs = [[QUERY, text] for text in TEXTS]
    told = {"make": str(tmp_path), "vocabularyOf": str(minilm.folder), "labels": 1, "pairs": pairs}
    own: list[float] = container.tell(told)["scores"]
    command = [PYTHON, "-c", SCORE, SITE, tmp_path, QUERY, json.dumps(TEXTS)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(QUIET), check=False)
    assert done.returncode == 0, done.stderr
    scores, of_nothing = json.loads(done.stdout.splitlines()[-1])
    assert sorted(range(3), key=scores.__getitem__) == sorted(range(3), key=own.__getitem__)
    assert of_nothing == [0]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    assert str(tmp_path) in (why_not(tmp_path) or "")


def test_without_the_library_the_reason_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert "kosha[rerank]" in (why_not(tmp_path) or "")
