"""The folder that a run leaves: finding it, locking it, adding to it, reading it."""
