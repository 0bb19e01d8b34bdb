"""Data sets: bundled or a table from a file, split by a seed, encoded and scaled on the training rows."""
