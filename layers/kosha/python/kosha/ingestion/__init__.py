"""How a document comes in: register, parse, split, index, and its life in between."""
