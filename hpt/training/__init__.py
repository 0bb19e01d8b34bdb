"""Training a population: settings in, results out."""
