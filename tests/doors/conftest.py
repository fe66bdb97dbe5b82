"""Doors over the real ports of one machine."""

from tests.house.machine import machine

__all__ = ["machine"]
