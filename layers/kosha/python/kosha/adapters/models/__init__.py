"""Chat models behind one port, each importing its client when it is first used."""
