"""One HTML page of a run: figures and tables made from finished data, whatever way that came about."""
