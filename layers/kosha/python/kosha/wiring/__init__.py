"""The one room that knows both sides: it fits adapters to ports, from settings."""
