"""The metrics: every value worked out by hand, whole or cut into batches."""

from __future__ import annotations

import numpy as np
import pytest

import cnndsl
from cnndsl.diagnostic import CnnError
from cnndsl.train.choices import choices
from cnndsl.train.losses import BinaryCrossEntropy, CrossEntropy, Hinge, SoftCrossEntropy, SquaredError
from cnndsl.train.meter import Meter
from cnndsl.train.metrics import F1, Accuracy, ConfusionMatrix, MeanIoU, Metric, Precision, Reading, Recall, TopK
from cnndsl.train.task import Counts, Goal

#: of class 0 found 2 of 3, of class 1 found 1 of 1, of class 2 found 0 of 2; class 3 does not occur
WANTED = np.array([0, 0, 0, 1, 2, 2])
SAID = np.array([0, 0, 1, 1, 1, 0])
SCORES = np.eye(4, dtype=np.float32)[SAID]
FOUR = Reading(4)


def measured(metric: Metric, output: np.ndarray, target: np.ndarray, reading: Reading) -> tuple:
    """Its value and details, of all at once and of single examples added up, which must be the same."""
    counts = metric.counts(output, target, reading)
    parts = sum(metric.counts(output[i : i + 1], target[i : i + 1], reading) for i in range(len(output)))
    np.testing.assert_array_equal(counts, parts)
    return metric.value(counts, reading), metric.details(counts)


@pytest.mark.parametrize(
    ("metric", "mean", "each"),
    [
        # right 2 1 0 -, found 3 3 0 -, wanted 3 1 2 -
        (Precision(), (2 / 3 + 1 / 3 + 0) / 3, [2 / 3, 1 / 3, 0, np.nan]),
        (Recall(), (2 / 3 + 1 + 0) / 3, [2 / 3, 1, 0, np.nan]),
        (F1(), (4 / 6 + 2 / 4 + 0) / 3, [2 / 3, 1 / 2, 0, np.nan]),
        (MeanIoU(), (2 / 4 + 1 / 3 + 0) / 3, [1 / 2, 1 / 3, 0, np.nan]),
    ],
)
def test_ratios_of_each_class(metric: Metric, mean: float, each: list[float]) -> None:
    value, details = measured(metric, SCORES, WANTED, FOUR)
    assert value == pytest.approx(mean)
    np.testing.assert_allclose(details, each)


def test_confusion_matrix() -> None:
    value, matrix = measured(ConfusionMatrix(), SCORES, WANTED, FOUR)
    assert value is None
    np.testing.assert_array_equal(matrix, [[2, 1, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]])


def test_accuracy_counts_exactly() -> None:
    assert measured(Accuracy(), SCORES, WANTED, FOUR)[0] == 3 / 6
    tied = np.array([[0.1, 0.7, 0.2], [0.5, 0.5, 0.0], [0.0, 0.4, 0.6]])
    assert measured(Accuracy(), tied, np.array([1, 0, 1]), Reading(3))[0] == 2 / 3
    assert measured(Accuracy(), tied, np.eye(3)[[1, 1, 2]], Reading(3))[0] == 2 / 3
    one = np.array([[0.2], [0.5], [0.9]])
    assert measured(Accuracy(), one, np.array([[0.0], [1.0], [0.0]]), Reading(1))[0] == 2 / 3
    maps = np.zeros((2, 4, 5, 3))
    maps[..., 2] = 1
    labels = np.full((2, 4, 5), 2)
    labels[0, 0, :3] = 1
    assert measured(Accuracy(), maps, labels, Reading(3))[0] == 37 / 40


def test_top_k_gives_equal_scores_to_the_first_classes() -> None:
    output = np.array([[4, 3, 2, 1], [4, 3, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1]], np.float32)
    target = np.array([1, 2, 1, 2])
    assert measured(TopK(1), output, target, FOUR)[0] == 0
    assert measured(TopK(2), output, target, FOUR)[0] == 2 / 4
    assert measured(TopK(3), output, target, FOUR)[0] == 1
    rng = np.random.default_rng(0)
    output, target = rng.normal(size=(50, 10)), rng.integers(0, 10, 50)
    best = np.argsort(-output, axis=1)[:, :4]
    assert measured(TopK(4), output, target, Reading(10))[0] == np.mean([t in row for t, row in zip(target, best)])
    assert measured(TopK(1), output, target, Reading(10))[0] == measured(Accuracy(), output, target, Reading(10))[0]


def test_segmentation_counts_positions() -> None:
    """Two 2x2 images: class 0 wanted 5 times and found 4, 4 of them rightly; class 1 wanted 3, found 4, 3 rightly."""
    wanted = np.array([[[0, 0], [0, 1]], [[0, 0], [1, 1]]])
    said = np.array([[[0, 0], [1, 1]], [[0, 0], [1, 1]]])
    value, each = measured(MeanIoU(), np.eye(2)[said], wanted, Reading(2))
    np.testing.assert_allclose(each, [4 / 5, 3 / 4])
    assert value == pytest.approx(0.775)


def test_yes_or_no() -> None:
    """Found rightly 2, wrongly 1, missed 1: what counts is the yes."""
    chances, wanted = np.array([[0.9], [0.6], [0.7], [0.2], [0.1]]), np.array([[1.0], [1], [0], [1], [0]])
    reading = BinaryCrossEntropy().reading((1,), (0.0, 1.0))
    for metric, expected in ((Precision(), 2 / 3), (Recall(), 2 / 3), (F1(), 2 / 3), (Accuracy(), 3 / 5)):
        assert measured(metric, chances, wanted, reading)[0] == pytest.approx(expected)
    assert measured(MeanIoU(), chances, wanted, reading)[0] == pytest.approx((2 / 4 + 1 / 3) / 2)
    np.testing.assert_array_equal(measured(ConfusionMatrix(), chances, wanted, reading)[1], [[1, 1], [1, 2]])
    scores = BinaryCrossEntropy().reading((1,))
    logits = np.log(chances / (1 - chances))
    assert measured(F1(), logits, wanted, scores)[0] == pytest.approx(2 / 3)


def test_a_yes_or_no_for_each_channel() -> None:
    output, target = np.array([[2.0, -1.0], [1.0, 3.0], [-1.0, 1.0]]), np.array([[1, 0], [0, 1], [1, 1]])
    reading = BinaryCrossEntropy().reading((2,))
    assert measured(Accuracy(), output, target, reading)[0] == pytest.approx(4 / 6)
    value, each = measured(Precision(), output, target, reading)
    np.testing.assert_allclose(each, [1 / 2, 1])
    assert value == pytest.approx(0.75)
    np.testing.assert_allclose(measured(Recall(), output, target, reading)[1], [1 / 2, 1])


def test_how_losses_read_outputs() -> None:
    assert CrossEntropy().reading((5,)) == SoftCrossEntropy().reading((5,)) == Reading(5)
    assert Hinge().reading((1,)) == Reading(1, threshold=0.0)
    assert BinaryCrossEntropy().reading((3,), (0.0, 1.0)) == Reading(3, True, 0.5)
    assert SquaredError().reading((1,)) == Reading(1, threshold=0.5)


NET = "net N {{ input 3 ; fc({classes}) }}"


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.helps])


@pytest.mark.parametrize(
    ("metrics", "loss", "classes", "code", "words"),
    [
        ("top5", "cross_entropy", 9, "E521", "did you mean `top_k`?"),
        ("f1_score", "cross_entropy", 9, "E521", "did you mean `f1`?"),
        ("jaccard", "cross_entropy", 9, "E521", "did you mean `mean_iou`?"),
        ("top_k", "cross_entropy", 5, "E525", "`top_k(k=5)`"),
        ("accuracy", "huber", 5, "E525", "`huber` on the output `output`, 5"),
        ("confusion_matrix", "binary_cross_entropy", 5, "E525", "confusion_matrix"),
        (TopK, "cross_entropy", 5, "E521", "TopK"),
        ({"score": "f1"}, "cross_entropy", 5, "E510", "`score`"),
    ],
)
def test_metrics_that_do_not_fit(metrics, loss: str, classes: int, code: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        cnndsl.loads(NET.format(classes=classes)).compile(
            backend="numpy", loss=loss, metrics=[metrics] if isinstance(metrics, type) else metrics
        )
    assert said(error)[0] == code
    assert words in said(error)[1]


def test_k_must_be_a_whole_number() -> None:
    with pytest.raises(CnnError) as error:
        TopK(0)
    assert said(error) == ("E523", "`k` of top_k is 0; it must be a whole number of at least 1 for example k=5")


def test_every_metric_is_tested() -> None:
    ours = {kind for kind, item in choices(Metric).items() if item.__module__.startswith("cnndsl.")}
    assert ours == {"accuracy", "confusion_matrix", "f1", "mean_iou", "precision", "recall", "top_k"}


def test_a_meter_goes_on_from_its_state() -> None:
    goals = {"y": Goal("y", (4,), CrossEntropy(), (Accuracy(), F1(), ConfusionMatrix()))}
    whole, first, second = Meter(goals), Meter(goals), Meter(goals)
    counts = Counts(goals)
    whole.add(0.5, 6, counts(np, {"y": SCORES}, {"y": WANTED}))
    first.add(0.5, 2, counts(np, {"y": SCORES[:2]}, {"y": WANTED[:2]}))
    second.restore(first.state())
    second.add(0.5, 4, counts(np, {"y": SCORES[2:]}, {"y": WANTED[2:]}))
    assert second.scores() == whole.scores() == {"loss": 0.5, "accuracy": 0.5, "f1": pytest.approx(7 / 18)}
    np.testing.assert_array_equal(second.details()["confusion_matrix"], whole.details()["confusion_matrix"])


def test_evaluate_reports_each_class() -> None:
    """A net that hands its input on, so that what it says is known."""
    net = cnndsl.loads("net N { input 4 ; fc(4, bias=false) }")
    model = net.compile(backend="numpy", metrics=("precision", "recall", "confusion_matrix"), class_names="abcd")
    model.engine.load({"fc1.weight": np.eye(4, dtype=np.float32)})
    scores = model.evaluate(SCORES, WANTED)
    assert scores.keys() == {"loss", "precision", "recall"}
    assert scores.report().splitlines()[1:] == [
        "",
        "class  precision  recall",
        "a         0.6667  0.6667",
        "b         0.3333  1.0000",
        "c         0.0000  0.0000",
        "d              -       -",
        "",
        "confusion_matrix: a row for each class, a column for what it was taken for",
        "   a  b  c  d",
        "a  2  1  0  0",
        "b  0  1  0  0",
        "c  1  1  0  0",
        "d  0  0  0  0",
    ]


def test_metrics_by_output_and_with_settings() -> None:
    net = cnndsl.loads("net N { input 3 ; output a: fc(9) ; output b: in -> fc(1) -> sigmoid }")
    model = net.compile(
        backend="numpy",
        loss={"a": "cross_entropy", "b": "binary_cross_entropy"},
        metrics={"a": [TopK(3), {"kind": "top_k", "k": 2}]},
    )
    x, y = np.zeros((4, 3), np.float32), {"a": np.arange(4), "b": np.ones((4, 1))}
    assert list(model.evaluate(x, y)) == ["loss", "a_loss", "b_loss", "a_top_3", "a_top_2"]
    assert model.evaluate(x, y)["a_top_3"] == 3 / 4
