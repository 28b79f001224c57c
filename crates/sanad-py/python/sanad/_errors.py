"""Exceptions: what was found, because of what, and what to do."""

from __future__ import annotations


class SanadError(Exception):
    """Something failed.

    Attributes
    ----------
    message : str
        What was found and what was expected, with the file, row and column where there is one.
    causes : tuple of str
        The reasons below it, nearest first.
    hint : str or None
        What can be done about it.
    """

    message: str
    causes: tuple[str, ...]
    hint: str | None

    def __init__(self, message: str, causes: tuple[str, ...] = (), hint: str | None = None) -> None:
        super().__init__(message, causes, hint)
        self.message, self.causes, self.hint = message, tuple(causes), hint

    def __str__(self) -> str:
        lines = [self.message]
        lines += [f"because: {cause}" for cause in self.causes]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class UsageError(SanadError, ValueError):
    """An argument that could not have worked anywhere."""
