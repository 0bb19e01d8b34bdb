"""The arithmetic of a stack: activations, losses, metrics, schedules and update rules for K members at once.

Axis 0 of every array is the member. No function reduces over it, so a member's numbers are the same bits in any company.
"""
