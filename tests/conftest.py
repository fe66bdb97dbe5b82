"""What every folder of tests shares."""

from tests.acceptance.target import target

__all__ = ["target"]
