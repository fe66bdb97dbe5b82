"""Finding passages: rank by meaning and by words, fuse, judge, and explain."""
