"""What every floor stands on: the type of a catalogue row, errors, randomness, processes."""
