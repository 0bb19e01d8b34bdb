"""How a process that serves hears that it should end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable


async def first_signal(finished: Awaitable[object]) -> bool:
    """Waits for SIGINT or SIGTERM, or for `finished`; whether it was a signal."""
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard.set)
    tasks = [asyncio.ensure_future(heard.wait()), asyncio.ensure_future(finished)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    # Else the engine's own, cancelled, would be told of as an exception that nobody asked for.
    await asyncio.gather(*tasks, return_exceptions=True)
    return heard.is_set()
