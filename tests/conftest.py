"""What holds for every test."""

from hypothesis import HealthCheck, settings

# How long one example takes says how busy the machine is. A test that promises a time names its own deadline.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
