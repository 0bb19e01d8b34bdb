"""What a result says, in words, numbers, tables and curves, as plain data that a terminal or a report can show."""
