"""From YAML text to a frozen configuration: nodes, rows, checks, complaints."""
