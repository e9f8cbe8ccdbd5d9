"""Tracebacks of Maeum's own errors: the lines of the user's code, without those of the library.

A message says what to do; forty frames between the call and the message hide it. The errors
themselves keep all their frames, for debuggers and for whoever catches them: only what is printed
is shorter. ``maeum.config.disable_traceback_filtering()`` prints everything.
"""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from maeum.core.messages import _
from maeum.core.settings import settings

_OURS = str(Path(__file__).resolve().parents[1])
_LIBRARIES = ("IPython", "jax", "jaxlib", "maeum")  # the notebook runs cells by its own frames


def lines(error: BaseException) -> list[str]:
    """Return what is printed of an error, without the frames inside Maeum and JAX.

    What caused it is told with the user's frames there, if it has some.
    """
    found = traceback.TracebackException.from_exception(error, compact=True)
    removed = 0
    for part in _chain(found):
        kept = [frame for frame in part.stack or () if not _inside(frame.filename)]
        removed += len(part.stack or ()) - len(kept)
        part.stack[:] = kept
    _without_bare_causes(found)
    said = "".join(found.format()).rstrip("\n").splitlines()
    if removed:
        said.append(_("(Frames inside Maeum that are not shown: {n}. They are shown after "
                      "maeum.config.disable_traceback_filtering().)", n=removed))  # fmt: skip
    return said


def install(ours: type[BaseException]) -> None:
    """Let Python print errors so that end in our advice, or in the user's code beyond Maeum's.

    Every other error goes where it went before; among them are those that end inside Maeum by
    mistake, whose frames are needed.

    Args:
        ours: the class of the errors that are raised on purpose.
    """
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, tb: TracebackType | None) -> Any:
        if settings.filtering and (isinstance(error, ours) or _ends_beyond(tb)):
            try:
                said = "\n".join(lines(error))
            except Exception:  # whatever is wrong here, the error itself has to be seen
                return before(kind, error, tb)
            print(said, file=sys.stderr)
            return None
        return before(kind, error, tb)

    if getattr(before, "__module__", None) != __name__:
        sys.excepthook = hook


def _ends_beyond(tb: TracebackType | None) -> bool:
    """Tell whether an error was raised in the user's code, which Maeum had called."""
    files = [frame.f_code.co_filename for frame, _line in traceback.walk_tb(tb)]
    through = any(name.startswith(_OURS + os.sep) for name in files)
    return through and not _inside(files[-1])


def _chain(found: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    while found is not None:
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _without_bare_causes(found: traceback.TracebackException) -> None:
    """Forget what happened before inside the library alone: the message says what to do."""
    for part in _chain(found):
        if not any(before.stack for before in list(_chain(part))[1:]):
            part.__cause__ = part.__context__ = None
            return


def _inside(filename: str) -> bool:
    """Tell whether a file belongs to Maeum or JAX."""
    return filename.startswith(("<frozen ", *_folders()))


@functools.cache
def _folders() -> tuple[str, ...]:
    packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    libraries = (str(Path(folder, name)) for folder in packages for name in _LIBRARIES)
    return tuple(f"{folder}{os.sep}" for folder in (_OURS, *libraries))
