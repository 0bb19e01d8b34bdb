"""The command line: read it, call one function, print what comes back. Everything heavy is imported inside the commands."""

from hpt.cli.app import app, main

__all__ = ["app", "main"]
