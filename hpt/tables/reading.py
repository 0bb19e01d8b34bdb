"""From cells as written to a table: what each column is, and its cells by that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.tables import dates
from hpt.tables.decimals import decimal_of
from hpt.tables.infer import CODES, Asked, UndecidedOrderError, infer
from hpt.tables.numbers import Decimal
from hpt.tables.plans import Cells, Column, Kind, Plan, convert, plain_numbers, text_column
from hpt.tables.raw import RawTable
from hpt.tables.table import ColumnInfo, Facts, Table
from hpt.tables.wording import columns_hint, counted, drop_hint, first_few, listed, shown

_MOST_TEXTS = 3
_INDEX_NAME = re.compile(r"(?:row|record)?[ _]?(?:id|index|idx|nr|no|number|num)|row|rownames?|#", re.IGNORECASE)
_SIGNS: Mapping[str, Decimal] = {".": ".", ",": ",", "point": ".", "comma": ","}


def typed(raw: RawTable, options: Mapping[str, Any], target: str | None, like: Mapping[str, Plan] | None = None) -> Table:
    """The table of a file. options: every key of `DATA`. target: defaults to the last column.

    like: the plans of another table, by which these cells are read too; columns it does not name are read for themselves.
    Raises InputError with every column that cannot be read as one kind; what may be no header is said first.
    """
    try:
        return _Typing(raw, options, _target(raw, target), like or {}).table()
    except InputError as error:
        first = [raw.no_header] if raw.no_header else []
        raise InputError(first_few([*first, *error.complaints], raw.name)) from None


def _target(raw: RawTable, target: str | None) -> str:
    if target is None:
        return list(raw.columns)[-1]
    if target not in raw.columns:
        near = nearest(target, raw.columns)
        hint = f" Nearest: {shown(near)}." if near else ""
        empty = next((f" It is {out.note}." for out in raw.left_out if out.name == target), "")
        raise InputError(
            f"data.target: no column {shown(target)} in {raw.name}.{empty or hint} Columns: {listed(raw.columns)}."
        )
    return target


@dataclass(slots=True)
class _Typing:
    raw: RawTable
    options: Mapping[str, Any]
    target: str
    like: Mapping[str, Plan]
    reads: dict[str, Cells] = field(default_factory=dict)

    def table(self) -> Table:
        said = dict(self.options["columns"])
        dropped = {*self.options["drop"], *(name for name, kind in said.items() if kind == "drop")} - {self.target}
        self._check_said(said)
        open_columns = [name for name in self.raw.columns if name not in dropped and name not in self.like]
        said_sign = self.options["decimal"]
        decimal = _SIGNS[said_sign] if said_sign else decimal_of(self.raw, open_columns)
        asked = Asked(decimal, self.options["day_first"], tuple(self.options["missing_values"]))
        plans = {name: Plan("drop") for name in dropped} | dict(self.like)
        plans |= self._inferred(open_columns, said, asked)
        columns: dict[str, Column] = {}
        facts: dict[str, Facts] = {}
        for name, column in self.raw.columns.items():
            plan = plans[name]
            read = self.reads.pop(name, None) or (_as_before if name in dropped else partial(convert, plan=plan))(
                column.cells()
            )
            if name == self.target and name not in self.like:
                plan, read = self._settled(column.cells(), plan, read)
            columns[name], facts[name] = read.column, Facts(plan, read.blank, read.strays)
        table = Table.of(self.raw.name, columns, self.target, self.raw.lines)
        return replace(
            table,
            facts=facts,
            outside=tuple(ColumnInfo(out.name, out.kind, 0, out.note) for out in self.raw.left_out),
            no_header=self.raw.no_header,
            notices=(*self.raw.notices, *self._notices(decimal, facts, columns)),
            warnings=(*self.raw.warnings, *self._warnings(facts)),
        )

    def _check_said(self, said: Mapping[str, Kind]) -> None:
        """Raises InputError where `data.columns` names a column that is not there, or takes the target away."""
        complaints = []
        outside = {out.name for out in self.raw.left_out}
        for name, kind in said.items():
            if name not in self.raw.columns and name not in outside:
                near = nearest(name, self.raw.columns)
                hint = f" Nearest: {shown(near)}." if near else ""
                complaints.append(
                    f"data.columns: no column {shown(name)} in {self.raw.name}.{hint} Columns: {listed(self.raw.columns)}."
                )
            elif name == self.target and kind in ("drop", "text"):
                complaints.append(
                    f"data.columns: {shown(name)} is the target: expected number, category or date, found {kind}."
                )
        if complaints:
            raise InputError(first_few(complaints, self.raw.name))

    def _inferred(self, names: Sequence[str], said: Mapping[str, Kind], asked: Asked) -> dict[str, Plan]:
        """The plan of each column. Where one column's dates tell day from month, the others follow."""
        plans: dict[str, Plan] = {}
        complaints: list[str] = []
        undecided: dict[str, UndecidedOrderError] = {}
        for name in names:
            try:
                plans[name] = self._plan(name, asked, said.get(name))
            except UndecidedOrderError as error:
                undecided[name] = error
            except InputError as error:
                complaints += error.complaints
        orders = {plan.date for plan in plans.values()} & set(dates.AMBIGUOUS)
        for name, open_order in undecided.items():
            if len(orders) == 1:
                plans[name] = Plan("date", date=next(iter(orders)), nothing=asked.nothing, note=next(iter(orders)))
            else:
                complaints += open_order.complaints
        if complaints:
            raise InputError(complaints)
        return plans

    def _plan(self, name: str, asked: Asked, said: Kind | None) -> Plan:
        where = f"{self.raw.name}: {'target' if name == self.target else 'column'} {shown(name)}"
        column = self.raw.columns[name]
        written = column.cells()
        plain = plain_numbers(written, column.packed) if asked.decimal == "." and not asked.nothing else None
        plan = infer(name, written, asked, where, self.raw.place, said, plain=plain is not None)
        if name == self.target and not plan.numeric:
            plan = replace(plan, kind="category", note=plan.note if plan.note.startswith(CODES) else "")
        self.reads[name] = convert(written, plan, plain)
        return plan

    def _settled(self, written: Sequence[str], plan: Plan, read: Cells) -> tuple[Plan, Cells]:
        """The plan and cells of a target whose labels a number would merge: they stay texts."""
        classes = self.options["task"] == "classification"
        if plan.kind != "number" or (plan.unit and not classes):
            return plan, read
        if not classes and (self.options["task"] is not None or not _few_integers(read.column)):
            return plan, read
        spelled: dict[float, str] = {}
        for value, cell in zip(read.column.tolist(), written, strict=True):
            text = cell.strip()
            if value == value and spelled.setdefault(value, text) != text:  # noqa: PLR0124  NaN is not itself
                note = f"{shown(spelled[value])} and {shown(text)} are one number, and two labels as they are written"
                plan = replace(plan, kind="category", note=note)
                return plan, convert(written, plan)
        return plan, read

    def _notices(self, decimal: str, facts: Mapping[str, Facts], columns: Mapping[str, Column]) -> list[str]:
        name = self.raw.name
        notices = [f"{name}: the decimal sign is a comma."] if decimal == "," and self.options["decimal"] is None else []
        units = [
            f"{shown(c)} ({f.plan.note.removeprefix('unit ')})" for c, f in facts.items() if f.plan.unit or f.plan.magnitudes
        ]
        days = [f"{shown(column)} ({fact.plan.date})" for column, fact in facts.items() if fact.plan.date]
        blanks = [
            f"{shown(column)} ({', '.join(f'{shown(text)} {count} times' for text, count in list(fact.blank.items())[:3])})"
            for column, fact in facts.items()
            if fact.blank
        ]
        notices += [
            f"{name}: column {shown(column)} counts the rows; it stays a number. To leave it out: {drop_hint(column)}."
            for column in facts
            if column != self.target and _INDEX_NAME.fullmatch(column) and _counts_rows(columns[column])
        ]
        codes = [f"{shown(column)} ({fact.plan.note})" for column, fact in facts.items() if _codes(fact)]
        told = (("numbers with a unit", units), ("dates, as days", days), ("missing", blanks), ("categories", codes))
        for what, found in told:
            if found:
                more = f" and {len(found) - 5} more columns" if len(found) > 5 else ""
                notices.append(f"{name}: {what}: {', '.join(found[:5])}{more}.")
        return notices

    def _warnings(self, facts: Mapping[str, Facts]) -> list[str]:
        warnings = []
        for column, fact in facts.items():
            where = f"{self.raw.name}: column {shown(column)}"
            if fact.strays:
                warnings.append(stray_warning(where, column, fact, self.raw.place))
            elif fact.plan.kind in ("identifier", "text") and column not in self.options["columns"]:
                warnings.append(
                    f"{where}: {fact.plan.kind}, {fact.plan.note}: left out."
                    f" To use it as it is: {columns_hint(column, 'category')}; to leave it out: {drop_hint(column)}."
                )
            elif (
                fact.plan.kind == "category"
                and fact.plan.note
                and not _codes(fact)
                and column not in self.options["columns"]
            ):
                warnings.append(f"{where}: a category: {fact.plan.note}.")
        return warnings


def stray_warning(where: str, column: str, fact: Facts, place: Callable[[int], str]) -> str:
    """How many cells of a column are not what the rest is, with examples and rows."""
    count = sum(often for often, _ in fact.strays.values())
    examples = ", ".join(f"{shown(text)} ({place(row)})" for text, (_, row) in list(fact.strays.items())[:_MOST_TEXTS])
    more = f" and {len(fact.strays) - _MOST_TEXTS} more texts" if len(fact.strays) > _MOST_TEXTS else ""
    return (
        f"{where}: {fact.plan.kind}s but for {counted(count, 'cell')}, taken as missing: {examples}{more}."
        f" If they are values: {columns_hint(column, 'category')}."
    )


def _codes(fact: Facts) -> bool:
    """Whether digits are kept as texts, as they are written."""
    return fact.plan.kind == "category" and fact.plan.note.startswith(CODES)


def _counts_rows(column: Column) -> bool:
    """Whether a column holds 0, 1, 2, … or 1, 2, 3, …."""
    return column.dtype == np.float64 and len(column) > 1 and bool((np.diff(column) == 1).all()) and column[0] in (0, 1)


def _few_integers(column: Column) -> bool:
    held = np.unique(column[np.isfinite(column)])
    return len(held) <= 20 and bool((held == np.floor(held)).all())


def _as_before(written: Sequence[str]) -> Cells:
    """A column that is dropped: its content still counts in the digest of the file."""
    plain = plain_numbers(written)
    return Cells(plain if plain is not None else text_column(written), {}, {})
