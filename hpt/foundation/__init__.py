"""What every floor stands on: catalogue rows, scales, errors, randomness, probabilities, processes."""
