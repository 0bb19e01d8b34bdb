"""Data sets: bundled or read from a file, split by a seed, encoded and scaled on the training rows."""
