"""Another machine on this one: a network of its own, with a wire that can be taken away."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.black_box.hpt_command import COMMAND

IP = shutil.which("ip") or "/usr/sbin/ip"
# Of this process, which may not be the only one that tests.
FAR, NEAR = f"far-{os.getpid()}", f"near-{os.getpid()}"
_NETWORK = f"10.213.{os.getpid() // 64 % 256}."
NEAR_ADDRESS, FAR_ADDRESS = (f"{_NETWORK}{os.getpid() % 64 * 4 + side}" for side in (1, 2))


class Namespace:
    """A network namespace, reached from here by a pair of virtual interfaces; its side has `FAR_ADDRESS`, ours `NEAR_ADDRESS`."""

    def __enter__(self) -> Self:
        self.__exit__()
        for line in (
            f"netns add {FAR}",
            f"link add {NEAR} type veth peer name {FAR} netns {FAR}",
            f"addr add {NEAR_ADDRESS}/30 dev {NEAR}",
            f"link set {NEAR} up",
            f"-n {FAR} addr add {FAR_ADDRESS}/30 dev {FAR}",
            f"-n {FAR} link set {FAR} up",
            f"-n {FAR} link set lo up",
        ):
            _ip(line)
        return self

    def __exit__(self, *_: object) -> None:
        _ip(f"netns del {FAR}", check=False)
        _ip(f"link del {NEAR}", check=False)

    @contextmanager
    def started(self, folder: Path, *arguments: object) -> Iterator[None]:
        """Within, the command runs there."""
        process = subprocess.Popen(
            [IP, "netns", "exec", FAR, *COMMAND, *map(str, arguments)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def cut(self) -> None:
        """From now on nothing comes through, and no connection is closed."""
        _ip(f"-n {FAR} link set {FAR} down")


def permitted() -> bool:
    """Whether this process may make one."""
    try:
        with Namespace():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _ip(line: str, *, check: bool = True) -> None:
    subprocess.run([IP, *line.split()], check=check, capture_output=True)
