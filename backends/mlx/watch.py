"""A limit of time on a call that cannot be interrupted: MLX joins its ranks in one that holds the interpreter.

While it waits no other thread of Python runs, and Ctrl-C is not seen. So another process tells what is amiss, and
`faulthandler`, whose thread needs no interpreter, ends this one.
"""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: seconds between what is said and the end
LATER = 0.5
#: waits for the end of its input, and if that does not come in time says something
OTHER = """
import select, sys
if not select.select([0], [], [], float(sys.argv[1]))[0]:
    sys.stderr.write(sys.argv[2] + "\\n")
"""


@contextmanager
def limited(seconds: float, text: str) -> Iterator[None]:
    """Ends the process with code 1 and this text where what is done within takes longer."""
    command = [sys.executable, "-I", "-S", "-c", OTHER, str(seconds), text]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as other, open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds + LATER, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            other.communicate()
