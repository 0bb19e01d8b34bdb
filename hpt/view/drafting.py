"""What `hpt init` says: the file it wrote, and how each column was read."""

from __future__ import annotations

from hpt.analysis.drafting import Draft
from hpt.view.columns import columns_table
from hpt.view.page import Command, Facts, Page, Sentence


def draft_page(draft: Draft) -> Page:
    """The columns, what may go wrong, and the next command."""
    dataset = draft.dataset
    rows = sum(len(part.inputs) for part in (dataset.train, dataset.validation, dataset.test) if part is not None)
    head = Facts(
        [str(draft.path), f"{dataset.task} of {draft.target}", f"{rows} rows", f"{len(dataset.input_names)} inputs"],
        "strong",
    )
    warnings = [Sentence(f"warning: {text}", "warning") for text in dataset.warnings]
    return Page(
        [
            [head],
            [columns_table(dataset.columns)] if dataset.columns else [],
            warnings,
            [Command(f"Next: hpt check {draft.path}, then hpt tune {draft.path}")],
        ]
    )
