"""Files as tables: their text, where the table begins, what each column is, and its cells by that."""
