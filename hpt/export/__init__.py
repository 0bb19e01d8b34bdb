"""What other programs take from a run: a trial as text, as a model in another library, as a study of another tool."""
