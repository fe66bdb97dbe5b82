"""The layers of the functions: the library, and packages as layers/<name>/packages.txt lists them."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from uv import find_uv_bin

from stacks.constructs.stack import KoshaStack

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-aws.txt"
# What no function reads at run time: tests, types for checkers, and what only serves to compile against a library.
PRUNED = (
    "bin", "**/__pycache__", "**/tests", "**/*.pyi", "**/*.pyx", "**/*.pxd", "**/*.pxi",
    "lxml/includes", "lxml/isoschematron", "numpy/f2py", "numpy/_core/include", "numpy/_core/lib", "numpy/random/lib",
    "numpy/random/_examples", "numpy/_core/_simd*.so", "numpy/_core/*_tests.*.so", "wrapt-stubs",
)  # fmt: skip


def layer(stack: KoshaStack, name: str) -> lambda_.LayerVersion:
    """The layer of that name in this stack.

    Each stack has its own version of the same asset: an exported one could not be replaced while others use it.
    """
    made = stack.node.try_find_child(_id(name))
    if isinstance(made, lambda_.LayerVersion):
        return made
    functions = stack.stage_settings.functions
    return lambda_.LayerVersion(
        stack,
        _id(name),
        code=_library() if name == "kosha" else _packages(name, stack),
        compatible_runtimes=[lambda_.Runtime(functions.runtime, lambda_.RuntimeFamily.PYTHON)],
        description=f"Kosha: {name}",
    )


def packages(name: str) -> list[str]:
    """The distributions of a layer, as its list has them."""
    return (ROOT / "layers" / name / "packages.txt").read_text().split()


def pins(names: list[str]) -> str:
    """The lines of the lock for these distributions, with their hashes. Raises KeyError for one that it lacks."""
    entries = re.findall(r"(?ms)^([a-z0-9-]+)(==.*?)(?=^[a-z0-9]|\Z)", LOCK.read_text())
    locked = {name: name + rest for name, rest in entries}
    return "".join(locked[name] for name in names)


def _id(name: str) -> str:
    return f"{name.capitalize()}Layer"


def _library() -> lambda_.Code:
    return lambda_.Code.from_asset(str(ROOT / "layers" / "kosha"), exclude=["**/__pycache__"])


def _packages(name: str, stack: KoshaStack) -> lambda_.Code:
    functions = stack.stage_settings.functions
    bundling = Installed(name) if functions.packages == "installed" else Resolved(name, functions)
    return lambda_.Code.from_asset(
        str(ROOT / "layers" / name),
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        asset_hash=hashlib.sha256(f"{bundling.contents()}{PRUNED}".encode()).hexdigest(),
        bundling=cdk.BundlingOptions(image=cdk.DockerImage.from_registry("never-used"), local=bundling),
    )


@jsii.implements(cdk.ILocalBundling)
class Resolved:
    """Packages fetched for the machines of Lambda, at the versions and hashes of the lock, without Docker."""

    def __init__(self, name: str, functions: Any) -> None:
        self._pins = pins(packages(name))
        machine = {"arm64": "aarch64", "x86_64": "x86_64"}[functions.architecture]
        self._target = (f"{machine}-manylinux_2_28", functions.runtime.removeprefix("python"))

    def contents(self) -> str:
        """What decides what the layer holds."""
        return f"{self._pins}{self._target}"

    def try_bundle(self, output_dir: str, *_options: Any, **_named: Any) -> bool:
        """Fill the folder of the asset."""
        platform, python = self._target
        folder = Path(output_dir) / "python"
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
            wanted.write(self._pins)
            wanted.flush()
            subprocess.run(
                [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
                 "--python-platform", platform, "--python-version", python, "--target", str(folder), "-r", wanted.name],
                check=True, cwd=tempfile.gettempdir(),
            )  # fmt: skip
        prune(folder)
        return True


@jsii.implements(cdk.ILocalBundling)
class Installed:
    """Packages copied from this interpreter, for an emulator that runs functions on it; needs no network."""

    def __init__(self, name: str) -> None:
        self._distributions = [distribution(package) for package in packages(name)]

    def contents(self) -> str:
        """What decides what the layer holds."""
        return " ".join(f"{each.name}=={each.version}" for each in self._distributions)

    def try_bundle(self, output_dir: str, *_options: Any, **_named: Any) -> bool:
        """Fill the folder of the asset."""
        folder = Path(output_dir) / "python"
        for each in self._distributions:
            for file in each.files or ():
                if ".." not in file.parts:
                    place = folder / file
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(str(each.locate_file(file)), place)
        prune(folder)
        return True


def prune(folder: Path) -> None:
    """Remove what no function needs."""
    for path in sorted({path for pattern in PRUNED for path in folder.glob(pattern)}):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
