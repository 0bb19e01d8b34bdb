"""Bad files through the command: exit 2, a line an error with file and line, no traceback, nothing written."""

from __future__ import annotations

import pytest

from tests.black_box.hpt_command import Hpt, Refused

D = "data: iris\n"
C = "optimizer: {choose: [sgd, adam]}\n"
A = "optimizer: {name: adam, learning_rate: {min: 1e-4, max: 0.1, scale: log}}\n"

# The file, the lines that are complained of, and what must be said.
BAD: list[tuple[str, list[int], str]] = [
    ("", [1], "empty"),
    ("- iris\n", [1], "list"),
    ("iris\n", [1], "iris"),
    (D + "\toptimizer: adam\n", [2], "tab"),
    (D + C + "---\n" + D, [3], "second"),
    (D + C + D, [3], "line 1"),
    (D + "optimizer: &o adam\n", [2], "&o"),
    (D + "optimizer: *o\n", [2], "*o"),
    (D + "optimizer: !!python/object/apply:os.system [ls]\n", [2], "tag"),
    (D + C + "7: 7\n", [3], "7"),
    (D + C + "seed: " + "9" * 5000 + "\n", [3], "digits"),
    (D + C + "optimiser: adam\n", [3], "optimizer"),
    (D + A.replace("1e-4", ".nan"), [2], "finite"),
    (D + A.replace("1e-4", "0"), [2], "above 0"),
    (D + A.replace("1e-4", "1"), [2], "min"),
    (D + A.replace("scale: log", "scale: lgo"), [2], "log"),
    (D + A.replace("0.1", "yes"), [2], "yes"),
    (D + A.replace("learning_rate", "lr"), [2], "learning_rate"),
    (D + "optimizer: {choose: {adam: default, admm: default}}\n", [2], "adam"),
    (D + "optimizer: adam\n", [2], "range"),
    (D + C + "training: {batch_size: {min: 16, max: 100, step: 16}}\n", [3], "step"),
    (D + C + "training: {epochs: {min: 1, max: 3}}\n", [3], "constant"),
    (D + C + "training: {epochs: 2.5}\n", [3], "2.5"),
    (D + C + "training: {epochs: 010}\n", [3], "010"),
    (D + C + "study: {objective: validation_rmse}\n", [3], "validation_rmse"),
    (D + C + "study: {sampler: grid}\n", [], "grid"),
    (D + C + "name: ../x\n", [3], "../x"),
    ("data: {source: iris, validation: 0}\n" + C + "study: {objective: validation_loss}\n", [3], "validation"),
    ("data: absent.csv\n" + C, [1], "absent.csv"),
    ("data: iris\n  optimizer: adam\n", [2], "YAML"),
    ("data: digts\noptimizer: adm\ntraining: {epoch: 3}\nstudy: {trials: -1}\n", [1, 2, 3, 4], "digits"),
    ("a: " + "[" * 80 + "]" * 80 + "\n", [1], "50 levels"),
]


@pytest.mark.parametrize(("text", "lines", "words"), BAD)
def test_each_bad_file(hpt: Hpt, refused: Refused, text: str, lines: list[int], words: str) -> None:
    hpt.write("bad.yaml", text)
    told = refused("tune", "bad.yaml", "--json")
    for line in lines:
        assert any(error.startswith(f"error: bad.yaml:{line}: ") for error in told), told
    assert all(error.startswith("error: bad.yaml:") for error in told), told
    assert words in "\n".join(told)
    assert all(len(error) < 400 for error in told)
    assert hpt.files() == ["bad.yaml", "small.yaml"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"data: \x00", b"a: b\n" * 300_000])
def test_files_that_are_no_text(hpt: Hpt, refused: Refused, content: bytes) -> None:
    (hpt.folder / "odd.yaml").write_bytes(content)
    assert "odd.yaml" in refused("tune", "odd.yaml")[0]


def test_a_bad_file_in_a_process_of_its_own(hpt: Hpt) -> None:
    hpt.write("bad.yaml", "data: digts\noptimizer: adm\n")
    ended = hpt("tune", "bad.yaml", "--json", code=2)
    assert [error.split()[1] for error in ended.errors] == ["bad.yaml:1:", "bad.yaml:2:"]
    assert ended.err.splitlines() == ended.errors
    assert ended.out == ""
    assert hpt.files() == ["bad.yaml", "small.yaml"]
