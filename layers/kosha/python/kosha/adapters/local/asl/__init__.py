"""Amazon States Language, as much of it as the state machines use: paths, choices, one transition at a time."""
