"""What is the winner of a search worth? Ours beside Optuna's samplers, SMAC3 and random search, at equal budgets of trainings.

    python -m benchmarks.search [--seeds 10] [--problems all|NAME,NAME] [--arms ours,tpe,random] [--jobs 2] [--results search.jsonl]

For each problem and seed, every arm names a winner after 25, 50, 100 and 200 trainings. Ours is `hpt tune` as it comes, with what it keeps
back to train settings again counted; the others go trial by trial, random search at once, and theirs is the lowest value seen. Each
winner is then judged by 16 fresh initialisations on the validation rows and on the test rows. Results are appended as they come; one that
is there already is measured again only where what it depends on has changed: the problem, what training makes of it, the packages that
draw, and for ours the code that draws. An arm whose packages are not installed is skipped, which the page says. At the end the table of
`docs/search.md` is written to `benchmarks/search.md`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from benchmarks.search_arms import ARMS, Bench, trained
from benchmarks.search_problems import PROBLEMS, write_data
from benchmarks.search_report import page
from hpt.configuration.space import BRANCH
from hpt.evaluate.executors import one_blas_thread

FRESH = 16
FIRST_FRESH = 1_000_000
"""The number of the first judging trial: no trial of a study has its random stream."""
PAGE = Path(__file__).parent / "search.md"

Digests = Mapping[tuple[str, str], str]
"""By problem and arm."""


def measure(problem: str, seed: int, arm: str, digest: str) -> list[dict[str, Any]]:
    """A line for each budget: the winner, judged, and the median losses of random trials, which are the unit.

    error: the standard error of the mean on the validation rows.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, one_blas_thread():
        write_data(Path(folder))
        bench = Bench(Path(folder), problem, seed)
        winners = ARMS[arm].winners(bench)
        usual = np.median(bench.losses(0, bench.blind(25)), axis=0).tolist()
        fresh = bench.losses(FIRST_FRESH, [winner.parameters for winner in winners for _ in range(FRESH)])
    losses = np.array(fresh).reshape(len(winners), FRESH, 2)
    judged, errors = losses.mean(axis=1).tolist(), losses[:, :, 0].std(axis=1, ddof=1) / FRESH**0.5
    return [
        {
            "problem": problem,
            "seed": seed,
            "arm": arm,
            "digest": digest,
            "budget": winner.budget,
            "seen": winner.seen,
            "validation": validation,
            "test": test,
            "error": float(error),
            "usual": usual,
            "expected": winner.expected,
            "optimizer": winner.parameters.get(BRANCH),
            "learning_rate": next((v for k, v in winner.parameters.items() if k.endswith("learning_rate")), None),
            "cpu_seconds": time.process_time() - began,
        }
        for winner, (validation, test), error in zip(winners, judged, errors, strict=True)
    ]


def _digests(problems: Sequence[str], arms: Sequence[str]) -> Digests:
    with tempfile.TemporaryDirectory() as folder, one_blas_thread():
        write_data(Path(folder))
        came_to = {problem: trained(Bench(Path(folder), problem, 0)) for problem in problems}
    return {(problem, arm): ARMS[arm].digest(problem, came_to[problem]) for problem in problems for arm in arms}


def _stored(results: Path, digests: Digests) -> list[dict[str, Any]]:
    """The lines that are whole and still hold."""
    text = results.read_text(encoding="utf-8").splitlines(keepends=True) if results.exists() else []
    lines = [json.loads(line) for line in text if line.endswith("\n")]
    return [line for line in lines if digests.get((line["problem"], line["arm"]), "") == line.get("digest")]


def _mend(results: Path) -> None:
    """Removes a last line that is torn, so that the next one begins anew."""
    text = results.read_text(encoding="utf-8") if results.exists() else ""
    if not text.endswith("\n") and text:
        results.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")


def _left(lines: Iterable[Mapping[str, Any]], digests: Digests, seeds: int) -> list[tuple[str, int, str, str]]:
    """What is to be measured, seed by seed: problem, seed, arm and digest of what has no line yet."""
    done = {(line["problem"], line["seed"], line["arm"]) for line in lines}
    wanted = [(problem, seed, arm, digest) for seed in range(seeds) for (problem, arm), digest in digests.items()]
    return [each for each in wanted if each[:3] not in done]


def main() -> None:
    """Measures what is missing, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--problems", default="all")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("search.jsonl"))
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    problems = list(PROBLEMS) if options.problems == "all" else options.problems.split(",")
    asked = options.arms.split(",")
    arms = [arm for arm in asked if not ARMS[arm].missing]
    notes = [
        f"{ARMS[arm].name} was left out: it needs {' and '.join(ARMS[arm].missing)}, not installed here."
        for arm in asked
        if arm not in arms
    ]
    for note in notes:
        print(note, flush=True)
    digests = _digests(problems, arms)
    _mend(options.results)
    left = _left(_stored(options.results, digests), digests, options.seeds)
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool, options.results.open("a") as out:
        for number, done in enumerate(as_completed([pool.submit(measure, *each) for each in left]), 1):
            for line in done.result():
                out.write(json.dumps(line) + "\n")
            out.flush()
            seconds = f"{line['cpu_seconds']:.0f} s"
            print(f"{number} of {len(left)}: {line['problem']}, seed {line['seed']}, {line['arm']}: {seconds}", flush=True)
    text = page([line for line in _stored(options.results, digests) if line["seed"] < options.seeds], notes)
    options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
