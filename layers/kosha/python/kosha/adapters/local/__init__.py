"""Embedded parts for one machine: PostgreSQL, the MiniLM embedder, folders and small models."""
