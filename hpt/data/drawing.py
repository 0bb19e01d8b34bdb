"""The parts of a split and its folds: drawn at random, by whole groups, or along an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from hpt.data.arranged_splits import cuts, whole_groups
from hpt.data.arrangement import Arrangement
from hpt.data.split import Rows, part_sizes, split
from hpt.data.targets import Target
from hpt.foundation.errors import InputError
from hpt.foundation.randomness import generator
from hpt.tables.wording import shown

Validating = int | Literal["share", "none"]
"""Which rows validate: those of fold 0, 1, …; a share of them; none, so that all but the test rows train."""

Parts = tuple[Rows, Rows, Rows]
"""The sorted row numbers of the training, validation and test part."""


def fold_count(options: Mapping[str, Any]) -> int:
    """How many folds `data.folds` asks for, where it does; 1 for a split without folds."""
    folds = options["folds"]
    return folds if isinstance(folds, int) else 1


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a split is drawn from: `rows` of them, with their target.

    validation, test: shares, 0 where these rows come from elsewhere or are not wanted. folds: how many there are.
    """

    rows: int
    target: Target
    arranged: Arrangement | None
    validation: float
    test: float
    folds: int
    entropy: tuple[int, ...]

    @classmethod
    def of(
        cls,
        rows: int,
        target: Target,
        arranged: Arrangement | None,
        options: Mapping[str, Any],
        entropy: tuple[int, ...],
        apart: Sequence[str],
    ) -> Drawing:
        """As the options of `data` say. apart: the parts that have a file of their own."""
        shares = {part: 0.0 if part in apart else options[part] for part in ("validation", "test")}
        return cls(rows, target, arranged, **shares, folds=fold_count(options), entropy=entropy)

    def parts(self, validating: Validating) -> Parts:
        """The parts; the test rows are the same whichever rows validate.

        Raises InputError where rows, groups, places or those of a class are too few.
        """
        if self.arranged is None:
            parts = split(self.rows, self._classes, self.validation, self.test, self.entropy, self.target.names)
        elif self.arranged.kind == "group":
            parts = self._by_group(self.arranged)
        else:
            parts = self._by_order(self.arranged)
        if validating == "share":
            return parts
        rest = np.sort(np.concatenate(parts[:2]))
        if validating == "none":
            return rest, rest[:0], parts[2]
        fold = self._folds(rest)
        # What comes after the rows that validate is no past of theirs.
        ordered = self.arranged is not None and self.arranged.kind == "order"
        return rest[fold < validating if ordered else fold != validating], rest[fold == validating], parts[2]

    def _folds(self, rest: Rows) -> Rows:
        """(len(rest),) the fold in which each of the sorted rows validates; of an order, -1 for those that only train.

        At random each class is dealt out in turn, so that folds differ by a row at most; an order is cut into one piece more than folds.
        """
        if self.arranged is None:
            shuffled = generator("folds", *self.entropy).permutation(len(rest))
            if self._classes is not None:
                shuffled = shuffled[np.argsort(self._classes[rest][shuffled], kind="stable")]
            self._check_folds(len(rest), "rows that do not test")
            fold = np.empty(len(rest), np.int64)
            fold[shuffled] = np.arange(len(rest)) % self.folds
            return fold
        arranged = self.arranged.keep(rest)
        if arranged.kind == "group":
            self._check_folds(len(arranged.values), f"groups by {shown(arranged.column)} that do not test")
            classes = self._classes[rest] if self._classes is not None else None
            shares = [1 / self.folds] * self.folds
            return whole_groups(arranged.codes, classes, shares, "folds", self.entropy, first_has_all=False)
        order = np.argsort(arranged.codes, kind="stable")
        found = cuts(arranged.codes[order], [round(len(rest) * (i + 1) / (self.folds + 1)) for i in range(self.folds)])
        if found is None:
            self._check_folds(len(arranged.values) - 1, f"different values of {shown(arranged.column)} after the first")
        fold = np.empty(len(rest), np.int64)
        fold[order] = np.searchsorted(found or [], np.arange(len(rest)), side="right") - 1
        return fold

    def _check_folds(self, most: int, what: str) -> None:
        if most < self.folds:
            raise InputError(f"data.folds: expected at most {most}, the {what}, found {self.folds}. Lower it.")

    @property
    def _classes(self) -> Rows | None:
        return self.target.values if self.target.classes is not None else None

    @property
    def _wanted(self) -> list[str]:
        shares = (("training", 1.0), ("validation", self.validation), ("test", self.test))
        return [part for part, share in shares if share > 0]

    def _by_group(self, arranged: Arrangement) -> Parts:
        wanted, groups = self._wanted, len(arranged.values)
        if groups < len(wanted):
            raise InputError(self._too_few(arranged, "groups"))
        shares = [1 - self.validation - self.test, *(share for share in (self.validation, self.test) if share > 0)]
        part = whole_groups(arranged.codes, self._classes, shares, "groups", self.entropy, first_has_all=True)
        rows = {name: np.flatnonzero(part == index) for index, name in enumerate(wanted)}
        if empty := [name for name, found in rows.items() if not len(found)]:
            raise InputError(
                f"data.group: the {groups} groups by {shown(arranged.column)} are too few for {' + '.join(wanted)}: none is left for"
                f" {' and '.join(empty)} once training has a group of each class. Lower data.test, or remove data.group."
            )
        return rows["training"], rows.get("validation", rows["training"][:0]), rows.get("test", rows["training"][:0])

    def _by_order(self, arranged: Arrangement) -> Parts:
        sizes = [size for size in part_sizes(self.rows, (self.validation, self.test)) if size > 0]
        order = np.argsort(arranged.codes, kind="stable")
        wanted = [self.rows - sum(sizes[index:]) for index in range(len(sizes))]
        found = cuts(arranged.codes[order], wanted)
        if found is None:
            raise InputError(self._too_few(arranged, "different values"))
        pieces = dict(zip(self._wanted, np.split(order, found), strict=True))
        none = order[:0]
        return np.sort(pieces["training"]), np.sort(pieces.get("validation", none)), np.sort(pieces.get("test", none))

    def _too_few(self, arranged: Arrangement, what: str) -> str:
        parts = self._wanted
        return (
            f"data.{arranged.kind}: {shown(arranged.column)} has {len(arranged.values)} {what}, but the split into"
            f" {' + '.join(parts)} needs {len(parts)}. Take another column, or set data.test: 0."
        )
