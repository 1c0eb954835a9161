"""What a net has learned: a function for each way to look at a compiled model, on every backend.

    from cnndsl import visualize
    visualize.filters(model, "conv1").save("conv1.png")
    visualize.saliency(model, x, "integrated", target=3).maps
    visualize.maximize(model, "conv2:5", steps=200).x

A result holds the numbers (arrays, examples first, channels last), prints itself in a few lines, has `to_dict()`, and
`save("….png")` draws it by Pillow. A unit is written LAYER:CHANNEL or LAYER:CHANNEL@ROW,COLUMN, counted from 0.
"""

from __future__ import annotations

from cnndsl.visualize.activations import Activations, activations
from cnndsl.visualize.embedding import Embedding, embedding, pca, tsne
from cnndsl.visualize.equivariance import Equivariance, equivariance
from cnndsl.visualize.filters import Filters, filters
from cnndsl.visualize.invariance import Invariance, Responses, invariance, responses, score
from cnndsl.visualize.maximize import Ascent, Maximized, maximize
from cnndsl.visualize.occlusion import Occlusion, occlusion
from cnndsl.visualize.saliency import (
    GradCAM,
    Gradient,
    IntegratedGradients,
    Method,
    Saliency,
    SmoothGrad,
    saliency,
)
from cnndsl.visualize.top import Best, Top, top
from cnndsl.visualize.transform import Rotate, Shift, Transform, Zoom
from cnndsl.visualize.unit import Unit, unit

__all__ = [
    "Activations",
    "Ascent",
    "Best",
    "Embedding",
    "Equivariance",
    "Filters",
    "GradCAM",
    "Gradient",
    "IntegratedGradients",
    "Invariance",
    "Maximized",
    "Method",
    "Occlusion",
    "Responses",
    "Rotate",
    "Saliency",
    "Shift",
    "SmoothGrad",
    "Top",
    "Transform",
    "Unit",
    "Zoom",
    "activations",
    "embedding",
    "equivariance",
    "filters",
    "invariance",
    "maximize",
    "occlusion",
    "pca",
    "responses",
    "saliency",
    "score",
    "top",
    "tsne",
    "unit",
]
