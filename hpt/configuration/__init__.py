"""From YAML text to a frozen configuration: a tree, short forms and overrides resolved, each key read, keys checked together."""
