"""A wire between workers and their scheduler that can be cut: packets are swallowed, nobody is told."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
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
        self._sockets: list[socket.socket] = [self._server]
        self._threads: list[threading.Thread] = []
        self.file = file.with_name("wire.json")
        self.file.write_text(json.dumps({"address": f"tcp://127.0.0.1:{self._server.getsockname()[1]}"}))

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        """No thread is left that could open another socket, or hold one."""
        self._open = False
        self._wake(self._server)
        self._threads[0].join()
        for each in self._sockets:
            self._wake(each)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def cut(self) -> None:
        """From now on nothing comes through, and no connection is closed."""
        self._open = False

    def _accept(self) -> None:
        while self._open:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            self._sockets.append(near)
            if self._open:
                far = socket.create_connection(self._target)
                self._sockets.append(far)
                self._start(lambda near=near, far=far: self._forward(near, far))

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with suppress(OSError):
            while self._open:
                for ready in select.select([near, far], [], [], 0.1)[0]:
                    data = ready.recv(65536)
                    if not data:
                        self._wake(near)
                        self._wake(far)
                        return
                    if self._open:
                        other[ready].sendall(data)

    def _start(self, call: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=call, daemon=True))
        self._threads[-1].start()

    @staticmethod
    def _wake(each: socket.socket) -> None:
        """Ends a connection, or listening, for whoever waits in it too, which closing the socket would not."""
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
