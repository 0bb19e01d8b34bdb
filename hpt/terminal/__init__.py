"""What a user sees in the terminal: Rich objects made from finished data, whatever way that came about."""
