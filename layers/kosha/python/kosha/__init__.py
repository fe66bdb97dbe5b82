"""Kosha: answers from people's own documents, with citations they can check."""

__version__ = "0.1.0"
