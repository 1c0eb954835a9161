"""The engine and its plans: whatever the graph, the batch and the order of calls, the numbers are right."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.backends import load
from cnndsl.train.optimizers import Rule
from tests.backends.build import Build, lenet5
from tests.backends.gradients import check, random_targets

NUMPY = load("numpy")
memory = import_module("cnndsl.backends.numpy.memory")
CHECK = import_module("cnndsl.flow").CHECK


class Descent(Rule):
    """Plain gradient descent with a count and a decay, to see what the engine passes on."""

    rate: float = 0.5
    slots = ("sum",)

    def update(self, xp, parameter, gradient, slots, *, rate, count, decays):
        total = slots[0] + gradient
        decayed = parameter * 0.9 if decays else parameter
        return decayed - rate * gradient - 0.01 * count * total, (total,)


class Gradient(Rule):
    """Gradient descent, and no more."""

    rate: float = 0.05
    slots = ()

    def update(self, xp, parameter, gradient, slots, *, rate, count, decays):
        return parameter - rate * gradient, ()


def examples(program, batch, seed=0):
    rng = np.random.default_rng(seed)
    inputs = {name: rng.normal(size=(batch, *value.shape)) for name, value in program.inputs.items()}
    return inputs, random_targets(program, batch, rng)


# memory


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 9), st.integers(0, 9)), max_size=30))
@settings(deadline=None)
def test_buffers_alive_together_do_not_overlap(asked):
    buffers = [memory.Buffer((size,), np.uint8, first, first + more) for size, first, more in asked]
    total = memory.place(buffers)
    for i, one in enumerate(buffers):
        assert one.offset + one.bytes <= total
        assert one.offset % memory.ALIGNMENT == 0
        for other in buffers[:i]:
            together = one.first <= other.last and other.first <= one.last
            apart = one.offset + one.bytes <= other.offset or other.offset + other.bytes <= one.offset
            assert apart or not together
    assert total <= sum(buffer.bytes for buffer in buffers)


def test_buffers_that_follow_each_other_share_memory():
    buffers = [memory.Buffer((1000,), np.float32, time, time + 1) for time in range(0, 100, 2)]
    assert memory.place(buffers) == buffers[0].bytes


def test_inference_needs_far_less_memory_than_training():
    net = Build()
    x = net.input(64, 64, 8)
    for _ in range(20):
        x = net.relu(net.conv(x, 8, 3, pads=1))
    net.squared_error(x)
    program = net.program()
    flow = import_module("cnndsl.flow")
    engine = NUMPY.build(program)
    image = 64 * 64 * 8 * 4
    assert engine.plan(16, flow.TRAIN).bytes > 20 * 16 * image
    assert engine.plan(16, flow.PREDICT).bytes < 2 * 16 * image + (6 << 20)


# graphs


KINDS = ("relu", "tanh", "add", "mul", "conv", "shared", "reshape", "concat", "pool", "norm", "softmax")


@st.composite
def graphs(draw):
    """A random net of small steps in which values are used again and again, in and out of place."""
    net = Build()
    values = [net.input(2, 4, 2), net.input(2, 4, 2, name="z")]
    for number in range(draw(st.integers(2, 9))):
        pick = lambda: values[draw(st.integers(max(0, len(values) - 4), len(values) - 1))]  # noqa: E731
        match draw(
            st.sampled_from(
                ["relu", "tanh", "add", "mul", "conv", "shared", "reshape", "concat", "pool", "norm", "softmax"]
            )
        ):
            case "relu" | "tanh" as function:
                made = net.unary(net.conv(pick(), 2, 1, name=f"c{number}"), function)
            case "add" | "mul" as function:
                made = net.combine(function, *[pick() for _ in range(draw(st.integers(2, 3)))])
            case "conv":
                made = net.conv(pick(), 2, 3, pads=1, trained=draw(st.booleans()), name=f"c{number}")
            case "shared":
                made = net.conv(pick(), 2, (1, 2), pads=((0, 0), (1, 0)), name="shared")
            case "reshape":
                made = net.reshape(net.unary(net.reshape(pick(), 16), "sigmoid"), 2, 4, 2)
            case "concat":
                made = net.conv(net.concat(pick(), pick()), 2, 1, name=f"c{number}")
            case "pool":
                made = net.averagepool(pick(), 3, 1, pads=1)
            case "norm":
                made = net.lrn(pick(), 2, 0.5)
            case "softmax":
                made = net.softmax(pick())
        values.append(made)
    for i in range(draw(st.integers(0, 2))):
        net.output(values[draw(st.integers(2, len(values) - 1))], f"o{i}")
    net.squared_error(values[-1], "t")
    if draw(st.booleans()):
        net.cross_entropy(values[draw(st.integers(2, len(values) - 1))], "labels")
    return net.program()


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_any_graph_has_the_numerical_gradients(program):
    """Memory is reused and overwritten throughout, so a slip in a lifetime shows as a wrong number."""
    check(NUMPY, program, batch=2, spread=0.7, count=8)


@given(graphs(), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_outputs_are_the_same_in_every_kind_of_run(program, batch):
    engine = NUMPY.build(program, optimizer=Descent(), dtype="float64")
    inputs, targets = examples(program, batch)
    predicted = engine.predict(inputs)
    loss, evaluated = engine.evaluate(inputs, targets)
    gradient_loss, _ = engine.gradients(inputs, targets)
    step_loss, stepped = engine.step(inputs, targets)
    assert loss == pytest.approx(gradient_loss, rel=1e-12) == pytest.approx(step_loss, rel=1e-12)
    for name, array in predicted.items():
        np.testing.assert_allclose(evaluated[name], array, rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(stepped[name], array, rtol=1e-12, atol=1e-300)


def test_shared_weights_add_their_gradients():
    def tower(names):
        net = Build()
        x = net.input(5)
        for name in names:
            x = net.unary(net.dense(x, 5, name=name), "tanh")
        net.squared_error(x)
        return net.program()

    shared, apart = NUMPY.build(tower("aaa"), dtype="float64"), NUMPY.build(tower("abc"), dtype="float64")
    arrays = shared.arrays()
    apart.load({f"{name}.{part}": arrays[f"a.{part}"] for name in "abc" for part in ("weight", "bias")})
    inputs, targets = examples(shared.program, 4)
    one, three = shared.gradients(inputs, targets)[1], apart.gradients(inputs, targets)[1]
    for part in ("weight", "bias"):
        np.testing.assert_allclose(one[f"a.{part}"], sum(three[f"{name}.{part}"] for name in "abc"))
    check(NUMPY, shared.program)


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_relu_behind_the_pool_gives_the_same_numbers(spread):
    """An output between them keeps them in order: to be compared with. Whole numbers make ties, at 0 too."""

    def network(watched):
        net = Build()
        x = net.relu(net.conv(net.input(9, 9, 2), 3, 3, name="a"))
        if watched:
            net.output(x, "between")
        x = net.relu(net.maxpool(x, 3, 2, pads=1))
        net.squared_error(net.output(net.dense(net.flatten(net.maxpool(net.relu(x), 2)), 2, name="b")))
        return net.program()

    rng = np.random.default_rng(0)
    inputs = {"x": rng.integers(-1, 2, (4, 9, 9, 2)).astype(float)}
    targets = random_targets(network(False), 4, rng)
    weights = {"a.weight": rng.integers(-1, 2, (3, 3, 3, 2)) * spread, "a.bias": np.zeros(3)}
    found = []
    for watched in (True, False):
        engine = NUMPY.build(network(watched), dtype="float64")
        engine.load(weights)
        loss, gradients = engine.gradients(inputs, targets)
        found.append({"loss": loss, **gradients, "y": engine.predict(inputs)["y"]})
        kinds = [type(step.primitive).__name__ for step in engine.plan(4, CHECK).plans[0].steps]
        assert kinds.index("MaxPool") == (2 if watched else 1)
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])


def test_frozen_layers_have_no_gradient_and_stay():
    net = Build()
    x = net.conv(net.input(6, 6, 2), 3, 3, name="stem", trained=False)
    net.squared_error(net.dense(net.flatten(net.relu(x)), 2, name="head"))
    engine = NUMPY.build(net.program(), optimizer=Descent())
    inputs, targets = examples(engine.program, 4)
    before = engine.arrays()
    assert set(engine.gradients(inputs, targets)[1]) == {"head.weight", "head.bias", "input:x"}
    engine.step(inputs, targets)
    after = engine.arrays()
    assert np.array_equal(before["stem.weight"], after["stem.weight"])
    assert not np.array_equal(before["head.weight"], after["head.weight"])


def test_no_gradient_is_computed_below_the_lowest_trained_layer():
    net = Build()
    x = net.conv(net.input(6, 6, 2), 3, 3, name="stem", trained=False)
    net.squared_error(net.dense(net.flatten(net.relu(x)), 2, name="head"))
    flow = import_module("cnndsl.flow")
    (plan,) = NUMPY.build(net.program()).plan(4, flow.TRAIN).plans
    assert len(plan.backwards) == 2  # the loss and the head


def test_a_learned_parameter_that_reaches_no_loss_has_gradient_zero():
    net = Build()
    x = net.input(3)
    net.output(net.dense(x, 2, name="idle"), "other")
    net.squared_error(net.output(net.dense(x, 2, name="busy")))
    engine = NUMPY.build(net.program(), optimizer=Descent())
    gradients = engine.gradients(*examples(engine.program, 4))[1]
    assert not gradients["idle.weight"].any()
    assert gradients["busy.weight"].any()


# steps and state


def test_a_step_is_the_update_rule_on_every_parameter():
    """Larger than the block in which parameters are updated; the rate given for one step only."""
    net = Build()
    net.squared_error(net.dense(net.input(300), 200))
    engine = NUMPY.build(net.program(), optimizer=Descent(), dtype="float64")
    inputs, targets = examples(engine.program, 4)
    expected, sums = engine.arrays(), dict.fromkeys(engine.arrays(), 0.0)
    for count, rate in enumerate([None, 0.25, None], start=1):
        before, gradients = engine.gradients(inputs, targets)
        for name in expected:
            sums[name] = sums[name] + gradients[name]
            kept = 0.9 if name.endswith("weight") else 1
            expected[name] = expected[name] * kept - (rate or 0.5) * gradients[name] - 0.01 * count * sums[name]
        loss, _ = engine.step(inputs, targets, rate)
        assert loss == pytest.approx(before)
        for name, array in engine.arrays().items():
            np.testing.assert_allclose(array, expected[name], rtol=1e-12)


def test_training_learns():
    program = lenet5()
    engine = NUMPY.build(program, optimizer=Gradient())
    rng = np.random.default_rng(0)
    prototypes, labels = rng.normal(size=(10, 28, 28, 1)), rng.integers(0, 10, 64)
    inputs = {"x": prototypes[labels] + 0.1 * rng.normal(size=(64, 28, 28, 1))}
    losses = [engine.step(inputs, {"y": labels})[0] for _ in range(60)]
    assert losses[0] > 1.5
    assert losses[-1] < 0.2
    assert (engine.predict(inputs)["y"].argmax(-1) == labels).mean() > 0.95


@pytest.mark.parametrize("batches", [(8, 3, 8, 1, 20, 8)])
def test_batches_of_any_size_in_any_order(batches):
    program = lenet5()
    engine = NUMPY.build(program, dtype="float64")
    inputs, targets = examples(program, 20)
    whole = engine.predict(inputs)
    for batch in batches:
        part = {"x": inputs["x"][:batch]}
        for name, array in engine.predict(part).items():
            np.testing.assert_allclose(array, whole[name][:batch], rtol=1e-9)
        loss, outputs = engine.evaluate(part, {"y": targets["y"][:batch]})
        hit = np.log(whole["y"][np.arange(batch), targets["y"][:batch]])
        assert loss == pytest.approx(-hit.mean())
        np.testing.assert_allclose(outputs["logits"], whole["logits"][:batch], rtol=1e-9)


def test_gradients_of_a_batch_are_the_mean_over_its_examples():
    program = lenet5()
    engine = NUMPY.build(program, dtype="float64")
    inputs, targets = examples(program, 3)
    _, together = engine.gradients(inputs, targets)
    singles = [engine.gradients({"x": inputs["x"][i : i + 1]}, {"y": targets["y"][i : i + 1]})[1] for i in range(3)]
    for name in engine.arrays():
        np.testing.assert_allclose(together[name], np.mean([single[name] for single in singles], axis=0), atol=1e-12)


def test_an_empty_batch_gives_empty_outputs():
    outputs = NUMPY.build(lenet5()).predict({"x": np.empty((0, 28, 28, 1), np.float32)})
    assert {name: array.shape for name, array in outputs.items()} == {"logits": (0, 10), "y": (0, 10)}


def test_results_are_the_callers_own():
    """What was returned does not change with later runs, and changing it changes nothing."""
    program = lenet5()
    engine = NUMPY.build(program)
    inputs, targets = examples(program, 4)
    outputs, arrays = engine.predict(inputs), engine.arrays()
    kept = outputs["y"].copy()
    given = inputs["x"].copy()
    engine.gradients({"x": inputs["x"] + 1}, targets)
    assert np.array_equal(outputs["y"], kept)
    arrays["conv1.weight"][...] = 0
    assert np.array_equal(engine.predict(inputs)["y"], kept)
    assert np.array_equal(inputs["x"], given)


def test_load_takes_what_is_named():
    program = lenet5()
    engine, other = NUMPY.build(program, seed=1), NUMPY.build(program, seed=2)
    mine, theirs = engine.arrays(), other.arrays()
    assert not np.array_equal(mine["conv1.weight"], theirs["conv1.weight"])
    engine.load({"conv1.weight": theirs["conv1.weight"]})
    assert np.array_equal(engine.arrays()["conv1.weight"], theirs["conv1.weight"])
    assert np.array_equal(engine.arrays()["conv4.weight"], mine["conv4.weight"])
    engine.load(theirs)
    x, _ = examples(program, 2)
    assert np.array_equal(engine.predict(x)["y"], other.predict(x)["y"])


def test_the_same_seed_trains_to_the_same_bits():
    program = lenet5()
    inputs, targets = examples(program, 16)
    arrays = []
    for _ in range(2):
        engine = NUMPY.build(program, optimizer=Descent(), seed=3)
        for _ in range(3):
            engine.step(inputs, targets, 0.01)
        arrays.append(engine.arrays())
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


def test_numbers_that_overflow_are_quiet():
    """The training loop looks for them: nothing is printed."""
    program = lenet5()
    engine = NUMPY.build(program, optimizer=Descent())
    inputs, targets = examples(program, 4)
    with np.errstate(all="raise"):
        loss, _ = engine.step({"x": inputs["x"] * 1e30}, targets)
        engine.step({"x": inputs["x"]}, targets)
    assert not np.isfinite(engine.step(inputs, targets)[0]) or not np.isfinite(loss)


def test_threads_change_rounding_only():
    from threadpoolctl import threadpool_limits

    program = lenet5()
    inputs, targets = examples(program, 32)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(NUMPY.build(program).gradients(inputs, targets)[1])
    for name, array in found[0].items():
        np.testing.assert_allclose(found[1][name], array, rtol=1e-3, atol=1e-5 * np.abs(array).max())
