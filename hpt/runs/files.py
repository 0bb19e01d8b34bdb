"""Writing files so that a reader finds the old content or the new, never half of it."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.errors import RunError


def write_bytes(path: Path, content: bytes) -> None:
    """Replaces `path` at once, with its content on disk. Raises RunError where the disk does not take it."""
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}. Make room, or choose another folder.") from error


def write_text(path: Path, content: str) -> None:
    """`write_bytes` of UTF-8 text."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """`write_text` of indented JSON. Raises ValueError on a number that is not finite."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """`write_bytes` of named arrays as .npz, which loads with `allow_pickle=False`."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(arrays))
    write_bytes(path, buffer.getvalue())
