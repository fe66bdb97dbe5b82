"""How good the rankings are, over public collections in BEIR's layout."""
