"""What a cold start of each function on AWS pays before its first event, and how large its layers are.

Import: CPU seconds (user and system) of a fresh interpreter that imports the handler, the interpreter's own start taken
off, minimum and median of several; byte code is there, as in a layer that was used once. Layers: MB unzipped, as the
packages installed here have it. Prints JSON.
"""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from bench.product import ROOT

PYTHON = ROOT / ".venv-dev" / "bin" / "python"
RUNS = 5
SIZES = """
import json, sys
from pathlib import Path
from stacks.constructs import layers
told = {}
for name in ("dependencies", "readers", "models"):
    layers.Installed(name).try_bundle(f"{sys.argv[1]}/{name}")
    told[name] = sum(p.stat().st_size for p in Path(sys.argv[1], name).rglob("*") if p.is_file()) / 2**20
library = (layers.ROOT / "layers" / "kosha").rglob("*")
told["kosha"] = sum(p.stat().st_size for p in library if p.is_file() and p.suffix != ".pyc") / 2**20
print(json.dumps({name: round(megabytes, 1) for name, megabytes in told.items()}))
"""


def cpu_seconds(code: str) -> float:
    """Of a fresh interpreter that runs the code, as a function finds it: the library, and no other folder of ours."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "layers/kosha/python"),
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "Kosha",
    }
    before = os.times()
    subprocess.run([PYTHON, "-c", code], check=True, env=environment, cwd=ROOT / "lambdas")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def import_of(function: str) -> dict[str, float]:
    """Minimum and median CPU seconds of importing one handler."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'lambdas' / function)!r}); import handler"
    cpu_seconds(code)
    bare = min(cpu_seconds("pass") for _ in range(RUNS))
    took = [cpu_seconds(code) - bare for _ in range(RUNS)]
    return {"minimum": round(min(took), 2), "median": round(statistics.median(took), 2)}


def layers_mb() -> dict[str, float]:
    """MB of each layer, unzipped and pruned as it is deployed."""
    with tempfile.TemporaryDirectory(prefix="kosha-bench-") as folder:
        done = subprocess.run([PYTHON, "-c", SIZES, folder], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    functions = sorted(path.parent.relative_to(ROOT / "lambdas") for path in Path(ROOT / "lambdas").rglob("handler.py"))
    print(
        json.dumps(
            {"importCpuSeconds": {str(name): import_of(str(name)) for name in functions}, "layersMb": layers_mb()},
            indent=2,
        )
    )
