"""A generation on many workers, simulated: how much of their time they train, with backup copies of the last pieces and without.

A trial takes from 1 to 100 s (log-uniform over studies). Within a study the costs spread by 40%, which the packing knows: the
costliest are sent first. What it does not know: workers differ by 10% from piece to piece, and one time in a hundred one is five
times slow. A piece costs the coordinator 3.3 ms, as measured on loopback. Halving is not simulated: its rungs are smaller generations.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

from hpt.cluster.backups import Backups
from hpt.cluster.executor import DISPATCH

WORKERS = (10, 100, 1000)
PER_WORKER = (1, 4, 8)
GENERATIONS = 6
LOOK = 0.5
"""Seconds from one look for late pieces to the next."""


@dataclass
class Simulation:
    """Workers that take pieces in the order in which they are sent, one at a time."""

    workers: int
    backups: bool
    chance: random.Random
    learnt: Backups = field(default_factory=Backups)

    def study(self, trials: int) -> float:
        """The share of worker time spent on what was needed, over some generations of `trials`."""
        mean = 10 ** self.chance.uniform(0, 2)
        self.learnt = Backups()
        free = [0.0] * self.workers
        useful = now = 0.0
        for _ in range(GENERATIONS):
            costs = [mean * self.chance.lognormvariate(0, 0.4) for _ in range(trials)]
            # Short trials share a piece, while there is one for every worker.
            together = max(1, min(trials // self.workers, int(DISPATCH.size / mean)))
            pieces = [sum(costs[at : at + together]) for at in range(0, trials, together)]
            useful += sum(pieces)
            now, free = self._generation(pieces, now, free)
        return useful / (now * self.workers)

    def _generation(self, pieces: list[float], now: float, free: list[float]) -> tuple[float, list[float]]:
        """When the last piece is answered, and when each worker is free: one with a copy nobody needs any more first ends it."""
        idle = [worker for worker in range(self.workers) if free[worker] <= now]
        busy = [(at, worker) for worker, at in enumerate(free) if at > now]
        heapq.heapify(busy)
        queue, sent, done = sorted(range(len(pieces)), key=pieces.__getitem__), {}, set()
        looked = now - LOOK
        answers: list[tuple[float, int, int, float]] = []
        while len(done) < len(pieces):
            while queue and idle:
                now = self._send(queue.pop(), pieces, now, idle, free, sent, answers)
            if self.backups and idle and not queue and now >= looked + LOOK:
                looked = now
                out = {piece: (now - at, pieces[piece]) for piece, at in sent.items()}
                for piece in self.learnt.due(out, len(idle)):
                    now = self._send(piece, pieces, now, idle, free, sent, answers)
            now = max(
                now, min([*(at for at, *_ in answers[:1]), *(at for at, _ in busy[:1]), now + self._wait(queue, idle)])
            )
            while busy and busy[0][0] <= now:
                idle.append(heapq.heappop(busy)[1])
            while answers and answers[0][0] <= now:
                at, worker, piece, began = heapq.heappop(answers)
                idle.append(worker)
                if piece not in done:
                    self.learnt.learn(at - began, pieces[piece])
                    done.add(piece)
                    del sent[piece]
        return now, free

    def _wait(self, queue: list[int], idle: list[int]) -> float:
        """How often it is looked whether a copy is due."""
        return LOOK if self.backups and idle and not queue else float("inf")

    def _send(
        self,
        piece: int,
        pieces: list[float],
        now: float,
        idle: list[int],
        free: list[float],
        sent: dict[int, float],
        answers: list[tuple[float, int, int, float]],
    ) -> float:
        worker = idle.pop()
        slow = 5.0 if self.chance.random() < 0.01 else self.chance.lognormvariate(0, 0.1)
        free[worker] = now + pieces[piece] * slow
        sent[piece] = now
        heapq.heappush(answers, (free[worker], worker, piece, now))
        return now + DISPATCH.each


def table(seed: int) -> str:
    """A Markdown table: percent of worker time spent training, without and with copies."""
    lines = ["| workers | trials a generation | synchronous | with copies |", "| --- | --- | --- | --- |"]
    for workers in WORKERS:
        for per in PER_WORKER:
            shares = []
            for backups in (False, True):
                simulation = Simulation(workers, backups, random.Random(seed))
                studies = 4 if workers == 1000 else 12
                shares.append(sum(simulation.study(workers * per) for _ in range(studies)) / studies)
            lines.append(f"| {workers} | {workers * per} | {100 * shares[0]:.0f}% | {100 * shares[1]:.0f}% |")
    return "\n".join(lines)
