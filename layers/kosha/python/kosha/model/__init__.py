"""Nouns: frozen typed records without any input or output of their own."""
