"""The account of a run, as people and programs read it."""
