"""A wire between workers and their scheduler that can be cut: packets are swallowed, nobody is told."""

from __future__ import annotations

import json
import select
import socket
import threading
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit


class Blackhole:
    """Forwards connections to the scheduler of `file`; `self.file` is the scheduler file of whoever is to come this way."""

    def __init__(self, file: Path) -> None:
        url = urlsplit(json.loads(file.read_text())["address"])
        self._target = (url.hostname, url.port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open = True
        self._sockets: list[socket.socket] = []
        self.file = file.with_name("wire.json")
        self.file.write_text(json.dumps({"address": f"tcp://127.0.0.1:{self._server.getsockname()[1]}"}))

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        for each in (self._server, *self._sockets):
            each.close()

    def cut(self) -> None:
        """From now on nothing comes through, and no connection is closed."""
        self._open = False

    def _accept(self) -> None:
        while self._open:
            try:
                near, _ = self._server.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [near, far]
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        try:
            while self._open:
                for ready in select.select([near, far], [], [], 0.1)[0]:
                    data = ready.recv(65536)
                    if not data:
                        near.close()
                        far.close()
                        return
                    if self._open:
                        other[ready].sendall(data)
        except (OSError, ValueError):
            return
