"""`python -m pgvgen` is the command line."""

from pgvgen.cli import main

main()
