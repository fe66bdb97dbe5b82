"""Kosha: answers from people's own documents, with citations they can check."""
