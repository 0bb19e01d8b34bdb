"""Comparing optimizers over repeated studies: the protocol, its statistics, its verdicts."""
