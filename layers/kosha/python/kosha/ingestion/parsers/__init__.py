"""One reader per kind of file: a source in, sections out, and notes on what could not be read."""
