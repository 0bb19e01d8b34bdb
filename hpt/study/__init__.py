"""A study from its first trial to its last: generations, halving, the leaderboard."""
