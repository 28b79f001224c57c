"""How long work shows how far it has come: a bar by tqdm where that is installed, else nothing."""

from __future__ import annotations

import sys
import threading
import warnings
from typing import Any

_choice: bool | None = None


def show_progress(choice: bool | None = True) -> None:
    """Say whether long work shows a bar: True, False, or None for the rule.

    The rule: where tqdm is installed, in notebooks and on terminals.
    """
    global _choice
    _choice = choice


def _is_watched() -> bool:
    return "ipykernel" in sys.modules or bool(sys.stderr is not None and sys.stderr.isatty())


class Display:
    """A bar for the step that runs."""

    def __init__(self, make: Any) -> None:
        self._make, self._step = make, ""
        self._bar: Any = None

    def begin(self, step: str) -> None:
        self.close()
        self._step = step

    def advance(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = self._make(total=total, desc=self._step, leave=False)
        self._bar.total, self._bar.n = total, done
        self._bar.refresh()

    def end(self, result: str) -> None:
        self.close()

    def note(self, text: str) -> None:
        # Called by the compiled part, which has no frame of its own: one level up is the user's line.
        warnings.warn(text, stacklevel=2)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Notes:
    """No bar; notes become warnings all the same."""

    def begin(self, step: str) -> None: ...

    def advance(self, done: int, total: int) -> None: ...

    def end(self, result: str) -> None: ...

    def note(self, text: str) -> None:
        warnings.warn(text, stacklevel=2)

    def close(self) -> None: ...


def display() -> Display | Notes:
    """What shows the next piece of long work."""
    wanted = _is_watched() if _choice is None else _choice
    if not wanted or threading.current_thread() is not threading.main_thread():
        return Notes()
    try:
        with warnings.catch_warnings():
            # Without ipywidgets tqdm falls back to text, and says so at length.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return Notes()
    return Display(tqdm)
