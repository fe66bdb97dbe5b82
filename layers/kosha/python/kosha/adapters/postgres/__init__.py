"""PostgreSQL with pgvector: chunks in both places, and on one machine the records and the queue of work."""
