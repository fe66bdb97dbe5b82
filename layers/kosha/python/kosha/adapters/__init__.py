"""Things that fit the ports; each names its technology, none knows a use case."""
