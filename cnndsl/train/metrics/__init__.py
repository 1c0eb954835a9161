"""What is measured beside the loss: counts made of outputs and targets, whole numbers, so equal on every backend."""

from cnndsl.train.metrics.base import Metric
from cnndsl.train.metrics.overall import Accuracy, TopK
from cnndsl.train.metrics.per_class import F1, ConfusionMatrix, MeanIoU, Precision, Recall
from cnndsl.train.metrics.reading import Reading

__all__ = [
    "F1",
    "Accuracy",
    "ConfusionMatrix",
    "MeanIoU",
    "Metric",
    "Precision",
    "Reading",
    "Recall",
    "TopK",
]
