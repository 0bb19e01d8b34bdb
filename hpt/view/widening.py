"""What `hpt widen` says."""

from __future__ import annotations

import shlex

from hpt.analysis.widening import Widened
from hpt.configuration.widening import written
from hpt.view.formats import literal
from hpt.view.page import Column, Command, Line, Page, Table


def widened_page(made: Widened) -> Page:
    """The ranges that got more room, and the next command."""
    if made.path is None:
        return Page([[Line("The best trials lie inside their ranges: nothing to widen.", "strong")]])
    table = Table(
        [
            Column("range", [edge.path for edge in made.edges], shrinks_to=16),
            Column("winner", [literal(edge.value) for edge in made.edges], "right"),
            Column("was", [written(edge.search) for edge in made.edges], importance=1, shrinks_to=12),
            Column("now", [written(edge.wider) for edge in made.edges], shrinks_to=12),
        ]
    )
    return Page([[table], [Command(f"Next: hpt tune {shlex.quote(str(made.path))}")]])
