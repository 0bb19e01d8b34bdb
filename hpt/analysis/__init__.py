"""What is asked of a study before it runs and of a run afterwards: its plan, what it found, predictions, replays."""
