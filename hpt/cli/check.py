"""`hpt check`."""

from __future__ import annotations

from hpt.cli.options import ConfigFile, Folder, Identity, Output, Overrides
from hpt.cli.output import show_result
from hpt.cli.request import request_of, usable_cores


def command(config: ConfigFile, overrides: Overrides, identity: Identity, folder: Folder, output: Output) -> None:
    """Show the plan of a study before it runs: what is searched, how long it takes, what to think about."""
    from hpt.analysis.planning import plan
    from hpt.configuration.config import read
    from hpt.documents.planning import plan_document
    from hpt.study.study_data import study_data
    from hpt.view.planning import plan_page

    request = request_of(config, overrides, folder, identity)
    checked = read(request.config, overrides=request.overrides, mode="tune")
    made = plan(study_data(checked, settle=True), usable_cores())
    show_result(output, plan_document(made), lambda: plan_page(made))
