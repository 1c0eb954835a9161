"""What holds for every test: numbers that do not depend on the machine's load or settings."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# two test processes share two cores; MLX's reduced precision would hide differences between backends
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MLX_ENABLE_TF32", "0")
# pytest-xdist tells its workers the terminal's width, which messages would then be folded to
os.environ.pop("COLUMNS", None)
# started in the background by a shell, tests would ignore Ctrl-C, and so would the processes to which they send it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# a busy machine draws examples slowly, which says nothing about the code
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
