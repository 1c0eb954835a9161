"""Targets, losses, metrics and settings that do not fit: what is said, with the numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from cnndsl.diagnostic import CnnError, CnnWarning
from cnndsl.train.losses import BinaryCrossEntropy, CrossEntropy, Hinge, Huber, Loss, SoftCrossEntropy, SquaredError
from cnndsl.train.metrics import Accuracy
from cnndsl.train.task import Goal, Task, check_weights, choose_losses, choose_metrics
from tests.train.fake import fake_data, fake_model


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


def refused(loss: Loss, y: object, output: tuple[int, ...]) -> tuple[str, str]:
    with pytest.raises(CnnError) as error:
        loss.check_target("y", y, output)
    return said(error)


ONE_HOT = np.eye(10)[[3, 1, 4]]


@pytest.mark.parametrize(
    ("y", "output", "code", "words"),
    [
        (ONE_HOT, (10,), "E507", ["(3, 10)", "one whole number", "y.argmax(axis=-1)"]),
        (ONE_HOT.astype(int), (10,), "E507", ["y.argmax(axis=-1)"]),
        (np.eye(7)[[3, 1]], (10,), "E507", ["one-hot rows of 7 classes", "7 units"]),
        ([[3], [1]], (10,), "E507", ["(2, 1)", "y[..., 0]"]),
        (3, (10,), "E507", ["one number", "(N,)"]),
        ([1, 2], (4, 5, 10), "E507", ["4x5 whole numbers", "4x5 positions", "global_avgpool"]),
        (np.zeros((2, 5, 4), int), (4, 5, 10), "E507", ["each target in `y` is 5x4", "(N, 4, 5)"]),
        ([3.0, 1.0], (10,), "E508", ["float64", "3", "y.astype(int)"]),
        ([0.5, 1.0], (10,), "E508", ["0.5", 'loss="mse"']),
        ([1.0, 0.5], (10,), "E508", ["0.5", 'loss="mse"']),
        ([True, False], (10,), "E508", ["bool", "y.astype(int)"]),
        (["cat", "dog"], (10,), "E508", ["text", "'cat'", "numpy.unique(y, return_inverse=True)"]),
        (np.array(["cat", "dog"], object), (10,), "E508", ["'cat'", "numpy.unique"]),
        (np.array([None, 1], object), (10,), "E502", ["Python objects"]),
        ([0, 10, 3], (10,), "E509", ["label 10", "example 1", "10 classes go from 0 to 9", "0 to 10", "11 units"]),
        ([1, 2, 10], (10,), "E509", ["count from 1", "y - 1"]),
        ([0, -1, 3], (10,), "E509", ["label -1", "example 1", "y >= 0"]),
        (np.array([0, 255], np.uint8), (10,), "E509", ["255", "256 units"]),
        ([], (10,), "E508", []),
        (np.zeros(0, int), (10,), "E506", ["(0,)"]),
    ],
)
def test_labels(y, output, code: str, words: list[str]) -> None:
    found, text = refused(CrossEntropy(), y, output)
    assert found == code, text
    for word in words:
        assert word in text, text


def test_labels_that_do() -> None:
    for y in ([0, 9], np.array([0, 9], np.uint8), np.array([0, 9], np.int16)):
        np.testing.assert_array_equal(CrossEntropy().check_target("y", y, (10,)), [0, 9])
    assert CrossEntropy().check_target("y", np.zeros((3, 4, 5), int), (4, 5, 10)).shape == (3, 4, 5)


@pytest.mark.parametrize(
    ("y", "output", "code", "words"),
    [
        ([1.0, 2.0], (1,), "E507", ["y[..., None]", "wants one number"]),
        ([1, 2], (10,), "E507", ['loss="cross_entropy"', "numpy.eye(10)[y]"]),
        (np.zeros((3, 4)), (5,), "E507", ["(3, 4)", "(N, 5)"]),
        ([[np.nan]], (1,), "E504", ["1 value that is not finite", "example 0"]),
        ([["a"]], (1,), "E502", ["text"]),
        (np.zeros((0, 1)), (1,), "E506", ["(0, 1)"]),
    ],
)
def test_numbers(y, output, code: str, words: list[str]) -> None:
    found, text = refused(SquaredError(), y, output)
    assert found == code, text
    for word in words:
        assert word in text, text


@pytest.mark.parametrize(
    ("loss", "y", "output", "code", "words"),
    [
        (BinaryCrossEntropy(), [0, 1], (1,), "E507", ["y[..., None]", "wants one number"]),
        (BinaryCrossEntropy(), [[-1], [1]], (1,), "E533", ["from -1 to 1", "(y + 1) / 2"]),
        (BinaryCrossEntropy(), [[0], [255]], (1,), "E533", ["y / 255"]),
        (BinaryCrossEntropy(), [[0.0], [1.5]], (1,), "E533", ["from 0 to 1.5", "mse"]),
        (SoftCrossEntropy(), [[0.5, 2.0]], (2,), "E533", ["`soft_cross_entropy`"]),
        (Hinge(), [0, 1, 2], (1,), "E509", ["label 2", "2 classes"]),
        (Hinge(), [[0], [1]], (1,), "E507", ["y[..., 0]"]),
        (Hinge(), [-1, 0, 1], (1,), "E509", ["label -1"]),
        (Hinge(), [0.5, 1.0], (3,), "E508", ["`hinge` wants the whole number of a class"]),
        (Huber(), [1.0, 2.0], (1,), "E507", ["y[..., None]"]),
    ],
)
def test_targets_of_the_other_losses(loss, y, output, code: str, words: list[str]) -> None:
    found, text = refused(loss, y, output)
    assert found == code, text
    for word in words:
        assert word in text, text


def test_targets_of_the_other_losses_that_do() -> None:
    np.testing.assert_array_equal(Hinge().check_target("y", [-1, 1, 1], (1,)), [0, 1, 1])
    np.testing.assert_array_equal(Hinge().check_target("y", [0, 1, 2], (3,)), [0, 1, 2])
    assert BinaryCrossEntropy().check_target("y", [[True, False]], (2,)).shape == (1, 2)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CrossEntropy(smoothing=1.0), ["`smoothing` of cross_entropy is 1.0", "below 1"]),
        (lambda: CrossEntropy(class_weights=(1.0, -2.0)), ["(1.0, -2.0)", "each item a number of at least 0"]),
        (lambda: CrossEntropy(class_weights=2.0), ["a list"]),
        (lambda: Huber(delta=0), ["`delta` of huber is 0"]),
        (lambda: Hinge(margin=float("inf")), ["inf"]),
    ],
)
def test_settings_of_losses_that_cannot_work(make, words: list[str]) -> None:
    with pytest.raises(CnnError) as error:
        make()
    code, text = said(error)
    assert code == "E523"
    for word in words:
        assert word in text, text


def test_class_weights_are_as_many_as_there_are_classes() -> None:
    weighted = CrossEntropy(class_weights=np.array([1, 2, 0.5], np.float32))
    assert weighted.class_weights == (1.0, 2.0, 0.5)
    assert choose_losses(weighted, {"y": (3,)}, {}) == {"y": weighted}
    with pytest.raises(CnnError) as error:
        choose_losses(weighted, {"y": (4,)}, {})
    assert said(error)[0] == "E524"
    assert "3 class weights for 4 classes" in said(error)[1]


def test_weights_of_losses_by_output() -> None:
    losses = {"a": CrossEntropy(), "b": SquaredError()}
    assert check_weights({"a": 0.5}, losses) == {"a": 0.5}
    for given, code, words in (
        ({"c": 1.0}, "E510", "`c`"),
        ({"a": 0}, "E523", "`loss_weights['a']` of the loss is 0"),
        ({"a": "much"}, "E523", "'much'"),
    ):
        with pytest.raises(CnnError) as error:
            check_weights(given, losses)
        assert said(error)[0] == code
        assert words in said(error)[1]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(CnnError) as error:
        fake_model().fit(np.full((5, 3), 9), [0, 1, 7, 0, 0])
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == ["E501", "E503", "E509"]


def test_a_loss_that_does_not_fit_its_output() -> None:
    with pytest.raises(CnnError) as error:
        choose_losses("cross_entropy", {"y": (1,)}, {})
    code, text = said(error)
    assert code == "E524"
    assert 'loss="mse"' in text
    assert "`y`, 1:" in text
    choose_losses("mse", {"y": (1,)}, {})


def test_losses_by_name_and_by_output() -> None:
    outputs = {"a": (3,), "b": (1,)}
    assert choose_losses({"b": "mse"}, outputs, {}) == {"b": SquaredError()}
    assert choose_losses(SquaredError(), outputs, {}) == {"a": SquaredError(), "b": SquaredError()}
    for given, code, words in (
        ("categorical_crossentropy", "E521", "did you mean `cross_entropy`?"),
        ("crossentropy", "E521", "`cross_entropy`"),
        ("mean_squared_error", "E521", "did you mean `mse`?"),
        (
            "perplexity",
            "E521",
            "known: binary_cross_entropy, cross_entropy, hinge, huber, mae, mse",
        ),
        ("BCEWithLogitsLoss", "E521", "did you mean `binary_cross_entropy`?"),
        ("SmoothL1Loss", "E521", "did you mean `huber`?"),
        ("L1Loss", "E521", "did you mean `mae`?"),
        (None, "E521", "`None`"),
        ({"c": "mse"}, "E510", "`c`"),
    ):
        with pytest.raises(CnnError) as error:
            choose_losses(given, outputs, {})
        assert said(error)[0] == code
        assert words in said(error)[1]


def test_metrics_by_name() -> None:
    assert choose_metrics(None, CrossEntropy(), "y", (3,)) == (Accuracy(),)
    assert choose_metrics(None, SquaredError(), "y", (3,)) == ()
    assert choose_metrics("accuracy", SquaredError(), "y", (3,)) == (Accuracy(),)
    assert choose_metrics((), CrossEntropy(), "y", (3,)) == ()
    with pytest.raises(CnnError) as error:
        choose_metrics(["acc"], CrossEntropy(), "y", (3,))
    assert said(error)[0] == "E521"
    assert "did you mean `accuracy`?" in said(error)[1]

    class Odd(Loss):
        pass

    with pytest.raises(CnnError) as error:
        choose_metrics("accuracy", Odd(), "y", (3,))
    assert said(error)[0] == "E525"


def test_lengths_and_missing_targets() -> None:
    model = fake_model()
    x, y = fake_data(10)
    for arguments, code, words in (
        ((x, y[:9]), "E505", "`x` has 10 examples, `y` has 9 examples"),
        ((x[:1], y), "E505", "`x` has 1 example, `y` has 10 examples"),
        ((x,), "E511", "`y` is missing"),
        ((x, {"z": y}), "E510", "lacks `y`"),
    ):
        for method in (model.fit, model.evaluate):
            with pytest.raises(CnnError) as error:
                method(*arguments)
            assert said(error)[0] == code
            assert words in said(error)[1]
    assert model.engine.count == 0


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (fake_data(3)[0], "E511", "is a ndarray"),
        ((fake_data(3)[0],), "E511", "has 1 items"),
        (
            (fake_data(3)[0][:, :2], [0, 1, 2]),
            "E501",
            "the examples of `validation_data[0]` are vectors of 2, the net wants vectors of 4",
        ),
        ((fake_data(3)[0], [0, 1, 3]), "E509", "`validation_data[1]` holds the label 3"),
        ((fake_data(3)[0], [0, 1]), "E505", "`validation_data[0]` has 3 examples, `validation_data[1]` has 2"),
        ((fake_data(3)[0], None), "E511", "`validation_data[1]` is missing"),
    ],
)
def test_validation_data_is_checked_before_anything_runs(data, code: str, words: str) -> None:
    model = fake_model()
    with pytest.raises(CnnError) as error:
        model.fit(*fake_data(10), validation_data=data)
    assert said(error)[0] == code
    assert words in said(error)[1]
    assert model.engine.count == 0


@pytest.mark.parametrize(
    ("method", "settings", "words"),
    [
        ("fit", {"batch_size": 0}, ["`batch_size` of fit is 0", "at least 1"]),
        ("fit", {"batch_size": -4}, ["-4"]),
        ("fit", {"batch_size": 2.5}, ["2.5", "whole number"]),
        ("fit", {"epochs": -1}, ["`epochs`", "-1", "at least 0"]),
        ("fit", {"epochs": "3"}, ["'3'"]),
        ("fit", {"verbose": None}, ["`verbose`", "None"]),
        ("evaluate", {"batch_size": 0}, ["`batch_size` of evaluate"]),
    ],
)
def test_settings_that_cannot_work(method: str, settings, words: list[str]) -> None:
    model = fake_model()
    with pytest.raises(CnnError) as error:
        getattr(model, method)(*fake_data(10), **settings)
    assert said(error)[0] == "E523"
    for word in words:
        assert word in said(error)[1]
    with pytest.raises(CnnError) as error:
        model.predict(fake_data(10)[0], batch_size=0)
    assert said(error)[0] == "E523"


def test_a_schedule_and_a_seed_that_cannot_work() -> None:
    with pytest.raises(CnnError) as error:
        fake_model().fit(*fake_data(10), schedule="cosin")
    assert "did you mean `cosine`?" in said(error)[1]
    with pytest.raises(CnnError) as error:
        fake_model(seed="one")
    assert said(error)[0] == "E523"
    assert fake_model(seed=np.int64(4)).seed == 4


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    fake_model().fit(*fake_data(10), epochs=np.int64(1), batch_size=np.int32(4), verbose=0)


def test_decimals_up_to_255_are_warned_of() -> None:
    x, y = fake_data(10)
    with pytest.warns(CnnWarning, match=r"(?s)`x` reaches 255.*x / 255") as found:
        fake_model().fit(np.abs(x) / np.abs(x).max() * 255, y, epochs=0, verbose=0)
    assert found[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fake_model().fit(np.abs(x), y, verbose=0)
        fake_model().fit(20 * x, y, epochs=0, verbose=0)


def test_several_inputs_and_outputs_by_name() -> None:
    goals = {"a": Goal("a", (3,), CrossEntropy(), (Accuracy(),)), "b": Goal("b", (2,), SquaredError(), ())}
    task = Task({"left": (4,), "right": (5,)}, goals)
    x = {"left": np.zeros((6, 4)), "right": np.zeros((6, 5))}
    feed = task.feed(x, {"b": np.zeros((6, 2)), "a": np.zeros(6, int)})
    (batch,) = feed.batches(10)
    assert batch.inputs["right"].shape == (6, 5)
    assert batch.targets["a"].dtype == np.int32
    assert batch.targets["b"].dtype == np.float32
    with pytest.raises(CnnError) as error:
        task.feed(x, np.zeros(6, int))
    assert said(error)[0] == "E510"
    with pytest.raises(CnnError) as error:
        task.feed(x, {"b": np.zeros((5, 2)), "a": np.zeros(6, int)})
    assert '`y["b"]` has 5 examples' in said(error)[1]


def test_wider_numbers_are_narrowed_a_batch_at_a_time() -> None:
    x, y = fake_data(10)
    feed = fake_model().task.feed(x.astype(np.float64)[::-1], y.tolist())
    assert feed.part.x["x"].dtype == np.float64
    parts = list(feed.batches(4))
    assert [part.count for part in parts] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([part.inputs["x"] for part in parts]), x[::-1])
    assert parts[0].inputs["x"].dtype == np.float32
