"""From a YAML file to a leaderboard: configuration, search space, generations, records."""
