"""YAML in and out. The oracle for what `dump` writes is PyYAML's own loader, which shares only the parser of events."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hpt.foundation.errors import InputError
from hpt.yaml.diagnostics import LIMIT, Location, Problems
from hpt.yaml.scalars import number, resolve, spell
from hpt.yaml.tree import MAX_DEPTH, Broken, List, Map, Node, Scalar, dump, parse

FILE = Location("f.yaml", 1)


def read(text: str) -> Any:
    """Plain data of `text`, which must be without fault."""
    problems = Problems()
    node = parse(text, FILE, problems)
    problems.raise_any()
    return bare(node)


def bare(node: Node | None) -> Any:
    if isinstance(node, Map):
        return {key: bare(value) for key, value in node.items.items()}
    if isinstance(node, List):
        return [bare(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else node


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1, 1.0 and True, and 0.0 and -0.0, apart."""
    return repr(left) == repr(right)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4), (".5", 0.5), ("1.", 1.0), ("-3", -3), ("+3", 3), ("0", 0), ("1E5", 1e5), ("-0.0", -0.0),
        ("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"),
        ("~", None), ("null", None), ("", None), ("none", "none"),
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("010", "010"), ("00.5", "00.5"), ("0x10", "0x10"),
        ("0o7", "0o7"), ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("2024-01-31", "2024-01-31"), ("1e", "1e"),
        (".", "."), ("1.2.3", "1.2.3"), ("inf", "inf"), ("nan", "nan"), ("١٢", "١٢"), ("=", "="), ("<<", "<<"),
        ("9" * 40, int("9" * 40)), ("0e5", 0.0),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: Any) -> None:
    assert same(resolve(text), value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", ".NaN", "1e999", "-1e999", "1e-999", "1" * 41, "-" + "1" * 5000])
def test_numbers_out_of_hand(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected .*, found "):
        resolve(text)


def test_quoted_scalars_are_text() -> None:
    assert read("a: '1'\nb: \"true\"\nc: |\n  2\nd: ''\n") == {"a": "1", "b": "true", "c": "2\n", "d": ""}


def test_places_are_those_of_the_keys() -> None:
    node = parse("a:\n  b:\n    - 1\n    -\n      c: 2\n# end\nd:\n  |\n  text\n", FILE, Problems())
    assert isinstance(node, Map)
    inner = node.items["a"]
    assert isinstance(inner, Map)
    listed = inner.items["b"]
    assert isinstance(listed, List)
    assert isinstance(listed.items[1], Map)
    lines = [
        node.location,
        inner.location,
        listed.location,
        listed.items[0].location,
        listed.items[1].keys["c"],
        node.items["d"].location,
    ]
    assert [location.line for location in lines] == [1, 1, 2, 3, 5, 7]


def test_an_override_has_one_location() -> None:
    location = Location("--set a.b")
    node = parse("{c: [1,\n 2]}", location, Problems())
    assert isinstance(node, Map)
    assert {str(node.location), str(node.keys["c"]), str(node.items["c"].location)} == {"--set a.b"}


def test_faults_are_collected_with_path_and_line() -> None:
    problems = Problems()
    text = 'a: 1\nb: &x 2\nc: *x\nd: {e: [1, .nan]}\na: 3\n7: 8\nf: !!int 9\ng: "\\0"\n'
    node = parse(text, FILE, problems)
    assert isinstance(node, Map)
    assert isinstance(node.items["c"], Broken)
    assert bare(node.items["a"]) == 1
    with pytest.raises(InputError) as error:
        problems.raise_any()
    assert [problem.split(" expected")[0] for problem in error.value.complaints] == [
        "f.yaml:2: b:", "f.yaml:3: c:", "f.yaml:4: d.e.1:", "f.yaml:5: a:", "f.yaml:6:", "f.yaml:7: f:", "f.yaml:8: g:",
    ]  # fmt: skip
    assert "first on line 1" in error.value.complaints[3]


@pytest.mark.parametrize(
    ("text", "location", "word"),
    [
        ("a: 1\n---\nb: 2\n", "f.yaml:2: ", "second"),
        ("a:\n\t- b\n", "f.yaml:2: ", "tab"),
        ("a: [1\nb: 2\n", "f.yaml:2: ", "expected ',' or ']'"),
        ("a: b: c\n", "f.yaml:1: ", "mapping values"),
        ("a: 1\n\x07\n", "f.yaml:2: ", "control characters"),
        ("a: *nowhere\n", "f.yaml:1: a: ", "alias"),
        ("? [1]\n: 2\n", "f.yaml:1: ", "text as key"),
        ("[" * (MAX_DEPTH + 1), "f.yaml:1: ", "levels"),
        ("- " * (MAX_DEPTH + 1), "f.yaml:1: ", "levels"),
    ],
)
def test_no_yaml(text: str, location: str, word: str) -> None:
    with pytest.raises(InputError) as error:
        read(text)
    assert error.value.complaints[0].startswith(location)
    assert word in error.value.complaints[0]
    assert "\n" not in error.value.complaints[0]


def test_depth_limit_is_the_last_level_allowed() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None


@pytest.mark.parametrize(
    "text",
    [
        "[" + "a," * 490_000 + "]", "a: 1\n" * 190_000, "[" * 900_000, "? " * 450_000, "a" * 900_000, "#" * 900_000,
        '"' + "\\n" * 450_000 + '"', "{" * 900_000, "a:" * 450_000, "&a " * 300_000, "[*a," * 240_000, "1" * 900_000,
        "\n" * 900_000, "- |\n" * 200_000, "!!a " * 220_000, "0." + "1" * 900_000, "k: [*a]\n" * 110_000, "a: 1\n" * 250_000,
    ],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_a_megabyte_is_read_or_refused_within_two_seconds(text: str) -> None:
    start = time.thread_time()
    problems: tuple[str, ...] = ()
    try:
        read(text)
    except InputError as error:
        problems = error.complaints
    assert len(problems) <= LIMIT
    assert time.thread_time() - start < 2


TRICKY = [
    "no", "true", "null", "~", "", "1", "1e5", "010", "12:30", "2024-01-01", ".inf", "y", "=", "<<", "a: b", "# c", "- a",
    "? ", "'", '"', "\\", "-", "?", "{", "[a]", "&a", "*a", "!a", "%", "@", "`", "|", ">", "#", "a\nb", "a\tb", " a ",
    "\u2028", "\ufeff", "é", "😀",
]  # fmt: skip
PRINTABLE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20) | st.sampled_from(TRICKY)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**39), 10**39) | st.floats(allow_nan=False, allow_infinity=False) | PRINTABLE
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(PRINTABLE, DATA, max_size=5))
@settings(max_examples=150)
def test_dump_is_read_back_alike_here_and_by_pyyaml(plain: dict[str, Any]) -> None:
    text = dump(plain)
    assert same(read(text) or {}, plain)
    assert same(yaml.safe_load(text) or {}, plain)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive_to_the_bit(value: float) -> None:
    back = resolve(spell(value))
    assert isinstance(back, float)
    assert back.hex() == value.hex()


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_non_finite_numbers_are_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="no place"):
        dump({"a": value})


def test_dump_keeps_ranges_on_a_line_and_sections_in_blocks() -> None:
    plain = {"a": {"b": {"min": 1e-5, "max": 1, "scale": "log"}, "c": [1, {"min": 0.0, "max": 0.5}]}, "d": {}, "e": []}
    assert dump(plain) == ("a:\n  b: {min: 1.0e-05, max: 1, scale: log}\n  c: [1, {min: 0.0, max: 0.5}]\nd: {}\ne: []\n")


@pytest.mark.parametrize(
    ("value", "text"), [(1e-5, "1e-5"), (1e20, "1e20"), (0.1, "0.1"), (16, "16"), (1.0, "1"), (2**63, str(2**63))]
)
def test_numbers_in_messages(value: float, text: str) -> None:
    assert number(value) == text


@given(st.text(max_size=200) | st.text("abc:{}[],&*!|>-?'\"\\#% \n\t01.e", max_size=60))
@settings(deadline=2000, max_examples=300)
def test_any_text_is_read_or_refused(text: str) -> None:
    problems: tuple[str, ...] = ()
    try:
        read(text)
    except InputError as error:
        problems = error.complaints
    assert all(problem.startswith("f.yaml:") and problem.isprintable() for problem in problems)
