"""Where the next generation's settings come from."""
