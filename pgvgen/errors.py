"""What can go wrong, in the user's words.

Every expected failure is a `PgvgenError` whose message is one line that says what to do about it.
The command line prints the message and exits with the class's `exit_code`; anything else that is
raised is a bug and keeps its traceback.
"""

from __future__ import annotations


class PgvgenError(Exception):
    """An expected failure: the message is one line for the person at the keyboard."""

    exit_code = 1


class UsageError(PgvgenError):
    """What was asked for cannot be meant: an unknown action, a contradiction between options."""

    exit_code = 2


class InputError(PgvgenError):
    """A file that was given cannot be read as what it should be."""


class NoPersonError(InputError):
    """No person was found where one is needed."""


class OutputError(PgvgenError):
    """A result cannot be written where it was asked for."""


class WeightsError(PgvgenError):
    """Weights are missing, incomplete, or of another kind."""
