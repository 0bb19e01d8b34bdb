"""`python -m hpt` is `hpt`."""

from hpt.cli import main

main()
