"""The stage `emulated`: the real deployment on an emulator of AWS, on one machine, without Docker or network."""
