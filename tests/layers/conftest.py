"""`run`: layers on one image, on each backend that there is."""

from __future__ import annotations

import numpy as np
import pytest

from cnndsl.backends import load
from cnndsl.lower import lower
from tests.backends.agreement import needed
from tests.layers.build import chain

BACKENDS = [pytest.param("numpy"), pytest.param("mlx", marks=needed)]


@pytest.fixture(params=BACKENDS)
def run(request):
    """Runs layers one behind the other on one image, in inference mode; `arrays` replace the first ones by name."""

    def apply(x, *layers, arrays=None, seed=0, dtype="float32"):
        x = np.asarray(x, np.float32)
        size = "x".join(map(str, x.shape))
        engine = load(request.param).build(lower(chain(size, *layers)), seed=seed, dtype=dtype)
        engine.load({name: np.asarray(array, np.float32) for name, array in (arrays or {}).items()})
        (y,) = engine.predict({"input": x[None]}).values()
        return y[0]

    return apply
