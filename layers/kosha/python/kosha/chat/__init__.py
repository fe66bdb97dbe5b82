"""One turn: a question that is accepted, answered while it is watched, and kept."""
