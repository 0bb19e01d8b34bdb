"""The seam between what decides and what trains: requests in, outcomes out."""
