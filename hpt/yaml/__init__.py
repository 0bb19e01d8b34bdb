"""YAML text as a tree whose nodes know their line, plain data as YAML text, and problems that name a line."""
