"""Other engines than PostgreSQL that find the candidates of a search."""
