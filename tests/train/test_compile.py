"""From a text to a trained net on the real engines, through the public API."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl import backends
from cnndsl.backends import available
from cnndsl.data import load
from cnndsl.data.normalization import Normalization
from cnndsl.diagnostic import CnnError
from cnndsl.train.attacks import FGSM
from cnndsl.train.build import load_model
from cnndsl.train.schedules import Schedule
from cnndsl.train.weights import read_metadata
from tests.train.fake import FakeBackend, fake_model

BACKENDS = [name for name, reason in available().items() if reason is None]
LENET = Path(__file__).parents[2] / "examples" / "lenet5.cnn"

SMALL = """
net Small(classes = 3) {
    input 6x6x1
    conv(4, 3) -> relu -> maxpool(2)
    flatten
    fc(classes) -> softmax
}
"""
TWO = """
net Two {
    input left: 4
    input right: 3
    concat { | left | right }
    fc(8) -> relu
    output class: fc(3) -> softmax
    output size: fc(1)
}
"""


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


def bars(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noisy images of a bar: across, down, or none."""
    generator = np.random.default_rng(seed)
    x = generator.normal(0, 0.2, (count, 6, 6, 1)).astype(np.float32)
    y = np.arange(count) % 3
    for image, kind, place in zip(x, y, generator.integers(1, 5, count)):
        if kind < 2:
            image[(place, slice(None)) if kind == 0 else (slice(None), place)] += 1
    return x, y


def test_a_small_net_learns_bars(backend: str) -> None:
    model = cnndsl.loads(SMALL).compile(backend=backend, optimizer="adam", rate=0.01)
    history = model.fit(*bars(300), epochs=8, batch_size=16, verbose=0, validation_data=bars(60, seed=1))
    assert history["val_accuracy"][-1] > 0.95
    x, y = bars(90, seed=2)
    found = model.predict(x)
    assert found.shape == (90, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    scores = model.evaluate(x, y)
    assert scores["accuracy"] == np.mean(found.argmax(axis=1) == y)
    assert scores["loss"] == pytest.approx(-np.log(found[np.arange(90), y]).mean(), rel=1e-4)


def test_the_same_seed_is_the_same_training(backend: str) -> None:
    def train(seed: int) -> list[float]:
        model = cnndsl.loads(SMALL).compile(backend=backend, seed=seed)
        return model.fit(*bars(50), epochs=2, batch_size=16, verbose=0)["loss"]

    assert train(1) == train(1)
    assert train(1) != train(2)


@pytest.mark.skipif(len(BACKENDS) < 2, reason="only one backend is installed")
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop", "adagrad", "lion"])
def test_backends_train_alike(optimizer: str) -> None:
    histories = []
    for backend in BACKENDS:
        model = cnndsl.loads(SMALL).compile(backend=backend, optimizer=optimizer, rate=0.01)
        histories.append(model.fit(*bars(50), epochs=2, batch_size=16, verbose=0))
    for other in histories[1:]:
        np.testing.assert_allclose(other["loss"], histories[0]["loss"], rtol=2e-3)


def test_the_rate_of_the_schedule_reaches_the_engine(backend: str) -> None:
    """Plain gradient descent at half the rate moves half as far in its first step."""
    x, y = bars(30)

    class Half(Schedule):
        def factor(self, at: object) -> float:
            return 0.5

    moved = []
    for schedule in ("constant", Half()):
        model = cnndsl.loads(SMALL).compile(backend=backend, optimizer="sgd", rate=0.1)
        before = model.engine.arrays()["fc1.weight"]
        model.fit(x, y, batch_size=30, schedule=schedule, verbose=0)
        moved.append(model.engine.arrays()["fc1.weight"] - before)
    np.testing.assert_allclose(moved[1], moved[0] / 2, rtol=1e-3, atol=1e-7)


def test_decay_leaves_biases_alone(backend: str) -> None:
    """With no signal in the data but a large decay the weights shrink; a bias of 0 gradient keeps its value."""
    text = "net A { input 3 ; fc(2, bias=true) -> softmax }"
    model = cnndsl.loads(text).compile(backend=backend, optimizer="adamw", rate=0.01, decay=10.0)
    model.engine.load({"fc1.weight": np.ones((2, 3), np.float32), "fc1.bias": np.full(2, 5, np.float32)})
    # Equal logits and one label of each class: every gradient is 0.
    model.fit(np.ones((2, 3), np.float32), [0, 1], verbose=0)
    arrays = model.engine.arrays()
    np.testing.assert_allclose(arrays["fc1.weight"], 0.9, rtol=1e-5)
    np.testing.assert_allclose(arrays["fc1.bias"], 5, rtol=1e-6)


def test_the_results_of_a_step_stay_what_they_were(backend: str) -> None:
    """Background engines are read one step late, so the next step must not write over them."""
    model = cnndsl.loads(SMALL).compile(backend=backend)
    x, y = bars(16)
    targets = {"output": y.astype(np.int32)}
    _, first = model.engine.step({"input": x}, targets, 0.1)
    kept = np.array(first["output"])
    model.engine.step({"input": x[::-1].copy()}, targets, 0.1)
    np.testing.assert_array_equal(np.asarray(first["output"]), kept)


def test_several_inputs_and_outputs(backend: str) -> None:
    generator = np.random.default_rng(0)
    x = {"left": generator.normal(size=(200, 4)), "right": generator.normal(size=(200, 3))}
    y = {"class": x["right"].argmax(axis=1), "size": x["left"].sum(axis=1, keepdims=True)}
    model = cnndsl.loads(TWO).compile(backend=backend, loss={"class": "cross_entropy", "size": "mse"}, rate=0.02)
    history = model.fit(x, y, epochs=20, batch_size=20, verbose=0)
    assert history["loss"][-1] < 0.4 * history["loss"][0]
    assert history["class_accuracy"][-1] > 0.9
    found = model.predict(x)
    assert found["class"].shape == (200, 3)
    assert np.corrcoef(found["size"][:, 0], y["size"][:, 0])[0, 1] > 0.9
    parts = -np.log(found["class"][np.arange(200), y["class"]]) + ((found["size"] - y["size"]) ** 2)[:, 0]
    assert model.evaluate(x, y)["loss"] == pytest.approx(parts.mean(), rel=1e-3)


def test_squared_error_fits_a_line(backend: str) -> None:
    x = np.linspace(-1, 1, 50)[:, None]
    model = cnndsl.loads("net Line { input 1 ; fc(1) }").compile(backend=backend, loss="mse", optimizer="sgd", rate=0.3)
    model.fit(x, 3 * x + 2, epochs=60, batch_size=10, verbose=0)
    arrays = model.engine.arrays()
    np.testing.assert_allclose([arrays["fc1.weight"].item(), arrays["fc1.bias"].item()], [3, 2], atol=1e-2)


def test_a_rate_that_is_too_large_ends_in_a_message(backend: str) -> None:
    model = cnndsl.loads(SMALL).compile(backend=backend, optimizer="sgd", rate=1e30)
    with pytest.raises(CnnError) as error:
        model.fit(*bars(60), epochs=3, batch_size=20, verbose=0)
    code, text = said(error)
    assert code == "E526"
    assert "of 3, epoch 1" in text
    assert "first not finite: the output of `fc1`" in text
    assert "rate=1e+29" in text


def test_weights_move_between_backends_and_build_their_model_again(backend: str, tmp_path: Path) -> None:
    net = cnndsl.loads(SMALL, name="bars.cnn", set={"classes": 4}, input="8x8x1")
    model = net.compile(backend=BACKENDS[0], class_names="abcd", normalization=Normalization(0.5))
    file = tmp_path / "small.safetensors"
    model.save(file)
    made = read_metadata(file)
    assert (made.settings, made.inputs, made.losses) == (
        {"classes": 4},
        {"input": (8, 8, 1)},
        {"output": "cross_entropy"},
    )
    again = load_model(file, backend=backend)
    x = np.random.default_rng(0).normal(size=(5, 8, 8, 1))
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-4, atol=1e-6)
    assert again.class_names == ("a", "b", "c", "d")
    assert again.normalization == Normalization(0.5)
    assert again.net.source.name == "bars.cnn"


def test_the_summary_is_the_nets_and_says_how_it_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    model = cnndsl.loads(SMALL).compile(backend="numpy")
    model.summary()
    shown = capsys.readouterr().out
    assert "conv1" in shown
    assert shown.endswith(f"{model!r}\n")
    assert f"{4 * 9 + 4 + 16 * 3 + 3} trained parameters" in shown


def test_weights_of_another_net_are_refused(tmp_path: Path) -> None:
    cnndsl.loads(SMALL, set={"classes": 4}).compile(backend="numpy").save(tmp_path / "w")
    with pytest.raises(CnnError) as error:
        cnndsl.loads(SMALL).compile(backend="numpy").load(tmp_path / "w")
    code, text = said(error)
    assert code == "E542"
    assert "`fc1.weight` is 4x16 in the file, the net wants 3x16" in text
    assert "`fc1.bias` is 4 in the file, the net wants 3" in text


WRONG_SHAPE = """\
error[E501]: the examples of `x` are 1x6x6, the net wants 6x6x1
 --> bars.cnn:3:5
  |
3 |     input 6x6x1
  |     ^^^^^^^^^^^ the net's input is 6x6x1
  |
  = note: `x` has the shape (60, 1, 6, 6): 60 examples of 1x6x6
  = help: transpose with x.transpose(0, 2, 3, 1)"""
WRONG_LOSS = """\
error[E524]: `cross_entropy` does not fit the output `output`, 1: one class is always right
 --> a.cnn:1:27
  |
1 | net A { input 4; fc(1) -> sigmoid }
  |                           ^^^^^^^ this output is 1
  |
  = help: for one number an example take loss="mse", for yes or no loss="binary_cross_entropy"; \
for two classes give the last layer 2 units"""


def test_the_message_shows_where_the_input_is_declared() -> None:
    model = cnndsl.loads(SMALL, name="bars.cnn").compile(backend="numpy")
    with pytest.raises(CnnError) as error:
        model.fit(bars(60)[0].transpose(0, 3, 1, 2), bars(60)[1])
    assert str(error.value).rstrip() == WRONG_SHAPE


def test_the_message_shows_the_output_that_a_loss_does_not_fit() -> None:
    with pytest.raises(CnnError) as error:
        cnndsl.loads("net A { input 4; fc(1) -> sigmoid }", name="a.cnn").compile()
    assert str(error.value).rstrip() == WRONG_LOSS


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"optimizer": "adma"}, "E521", "did you mean `adam`?"),
        ({"loss": "crossentropy"}, "E521", "did you mean `cross_entropy`?"),
        ({"metrics": ("accurcy",)}, "E521", "did you mean `accuracy`?"),
        ({"lr": 0.1}, "E522", "did you mean `rate`?"),
        ({"rate": -1}, "E523", "-1"),
        ({"seed": 0.5}, "E523", "0.5"),
        ({"loss": {"y": "mse"}}, "E510", "`y`"),
        ({"backend": "nunpy"}, "E601", "`numpy`"),
    ],
)
def test_compiling_with_what_there_is_not(options, code: str, words: str) -> None:
    with pytest.raises(CnnError) as error:
        cnndsl.loads(SMALL).compile(**{"backend": "numpy", **options})
    assert said(error)[0] == code
    assert words in said(error)[1]


def test_lenet_learns_the_sample(backend: str) -> None:
    """95 % of the 1,000 test digits after a few epochs."""
    data = load("sample")
    model = cnndsl.load(LENET).compile(backend=backend, class_names=data.class_names, normalization=data.normalization)
    history = model.fit(data.x, data.y, epochs=6, batch_size=32, schedule="cosine", verbose=0)
    assert model.evaluate(*data.test)["accuracy"] >= 0.95
    assert history["accuracy"][-1] > 0.96


INTERRUPTED = """
import sys, cnndsl
from cnndsl.train.callbacks import Callback
from tests.train.test_compile import SMALL, bars

class Tell(Callback):
    def on_step(self, run):
        if (run.epoch, run.step) == (2, 3):
            print("training", flush=True)

model = cnndsl.loads(SMALL).compile(backend="numpy")
history = model.fit(*bars(300), epochs=100000, batch_size=8, verbose=0, callbacks=[Tell()])
print(history.interrupted, len(history.epochs) >= 1, model.evaluate(*bars(30))["loss"] < 5, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal for a child")
def test_ctrl_c_from_outside() -> None:
    """A real signal to a real process, in the middle of its work: the history comes back, the model works on."""
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(command, cwd=LENET.parents[1], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "training\n"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert rest == "True True True\n"


# memory


def test_a_model_tells_what_its_engine_plans():
    model = cnndsl.loads(SMALL).compile(backend="numpy", optimizer="sgd")
    plan = model.memory_plan(batch=4)
    assert plan.training.parameters == 4 * model.parameters
    assert plan.inference.gradients == 0 and plan.training.gradients == 4 * model.parameters
    assert plan.to_dict()["training"]["peak"] == plan.training.peak
    # what weights are laid out in to predict is more than the weights of a net as small as this
    assert plan.training.peak > plan.inference.peak - plan.inference.folded
    assert "memory planned by numpy at batch 4, float32, sgd" in str(plan)
    assert "text/html" in plan._repr_mimebundle_()


def test_a_backend_without_a_plan_says_so():
    with pytest.raises(CnnError, match=r"E621.*the backend `fake` plans no memory(.|\n)*backends that do: numpy"):
        fake_model().memory_plan()


def test_a_saved_model_tells_how_it_was_run(tmp_path):
    model = cnndsl.loads(SMALL).compile(backend="numpy", deterministic=True, recompute="conv1")
    x = np.zeros((4, 6, 6, 1), np.float32)
    model.fit(x, np.arange(4) % 3, batch_size=4, verbose=0)
    model.save(tmp_path / "small.safetensors")
    how = read_metadata(tmp_path / "small.safetensors").engine
    assert (how["deterministic"], how["recompute"], how["memory_limit"]) == (True, ["conv1"], None)
    (plan,) = how["plans"]
    assert (plan["purpose"], plan["batch"], plan["parts"], plan["again"]) == ("training", 4, 1, ["conv1"])
    assert set(plan["ways"]) == {"conv1"}


def test_a_backend_that_cannot_be_told_how_to_run_says_so():
    with pytest.raises(CnnError, match=r"E623.*the backend `fake` has no `memory_limit`"):
        cnndsl.loads(SMALL).compile(backend=FakeBackend(), memory_limit="1GB")


def test_engines_beside_the_models_own_run_as_it_does(monkeypatch):
    backend = backends.load("numpy")
    told, build = [], backend.build
    monkeypatch.setattr(
        backend, "build", lambda program, **how: (told.append(how.get("running")), build(program, **how))[1]
    )
    model = cnndsl.loads(SMALL).compile(backend=backend, deterministic=True, memory_limit="1GB")
    x, y = bars(8)
    model.find_rate(x, y, steps=3)
    model.features(x, at="conv1")
    model.attack(x, y, FGSM(0.1, low=None, high=None))
    model.freeze("conv1")
    assert told == [model.running] * 5 and model.running.deterministic
