"""Lowering: names, starts, losses, what is left out, and the program as text."""

from __future__ import annotations

import pytest

import cnndsl
from cnndsl.diagnostic import CnnError
from cnndsl.lower import lower, show
from cnndsl.objectives import BinaryCrossEntropy, CrossEntropy, SquaredError
from cnndsl.program import Program, Reshape, Softmax, Start, Unary
from tests.layers.build import Sketch, chain, layer


def kinds_of(program: Program) -> list[str]:
    return [type(step.primitive).__name__ for step in program.steps]


def parameters(program: Program):
    return {parameter.name: parameter for parameter in program.parameters}


def small() -> Program:
    net = chain("8x8x3", layer("conv", 4, 3), "relu", layer("maxpool", 2), "flatten", layer("fc", 10), "softmax")
    return lower(net, {"output": "cross_entropy"})


def test_steps_are_in_order_and_every_value_is_written_once():
    program = small()
    assert kinds_of(program) == ["Convolve", "Unary", "MaxPool", "Reshape", "Dense", "Softmax", "CrossEntropy"]
    written = {value.number for value in (*program.inputs.values(), *program.targets.values())}
    for step in program.steps:
        assert {value.number for value in step.inputs} <= written
        assert step.output.number not in written
        written.add(step.output.number)
    assert program.outputs["output"] == program.steps[5].output


def test_parameters_have_the_names_of_their_paths_and_their_shapes():
    found = parameters(small())
    assert {name: parameter.shape for name, parameter in found.items()} == {
        "conv1.weight": (4, 3, 3, 3), "conv1.bias": (4,), "fc1.weight": (10, 36), "fc1.bias": (10,),
    }  # fmt: skip
    assert [found[name].start.recipe for name in found] == ["he", "constant", "glorot", "constant"]
    assert (found["conv1.weight"].start.fan_in, found["conv1.weight"].start.fan_out) == (27, 36)
    assert all(parameter.trained for parameter in found.values())


# ---- how weights start ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "after, recipe",
    [
        (["relu"], "he"),
        (["batchnorm", "relu"], "he"),
        (["maxpool", "batchnorm", "id", "dropout", "relu"], "he"),
        (["tanh"], "glorot"),
        (["tanh", "relu"], "glorot"),
        (["fc", "relu"], "glorot"),
        ([], "glorot"),
    ],
)
def test_weights_start_with_he_before_what_rectifies(after, recipe):
    arguments = {"maxpool": (2,), "fc": (5,)}
    net = chain("8x8x3", layer("conv", 4, 3), *(layer(kind, *arguments.get(kind, ())) for kind in after))
    assert parameters(lower(net))["conv1.weight"].start.recipe == recipe


def test_a_relu_behind_a_join_counts_and_one_reader_is_enough():
    sketch = Sketch()
    image = sketch.input("8x8x4")
    one = sketch.add(layer("conv", 4, 1), image)
    two = sketch.add(layer("conv", 4, 1), image)
    sketch.add("add", sketch.add("tanh", one), two)
    sketch.add("relu")
    found = parameters(lower(sketch.graph()))
    assert found["conv1.weight"].start.recipe == "glorot"
    assert found["conv2.weight"].start.recipe == "he"


def test_init_replaces_the_recipe_of_weights_but_not_of_biases():
    sketch = Sketch()
    sketch.input("8x8x3")
    sketch.add(layer("conv", 4, 3), start=Start("normal", 0.01))
    sketch.add("batchnorm", start=Start("constant", 0.0))
    found = parameters(lower(sketch.graph()))
    assert found["conv1.weight"].start == Start("normal", 0.01, fan_in=27, fan_out=36)
    assert found["conv1.bias"].start.recipe == "constant"
    assert found["batchnorm1.weight"].start.amount == 0.0
    assert found["batchnorm1.running_var"].start.amount == 1.0


def test_frozen_layers_are_not_trained():
    sketch = Sketch()
    sketch.input("8x8x3")
    sketch.add(layer("conv", 4, 3), frozen=True)
    sketch.add(layer("conv", 4, 3))
    trained = {name: parameter.trained for name, parameter in parameters(lower(sketch.graph())).items()}
    assert trained == {
        "conv1.weight": False, "conv1.bias": False, "conv2.weight": True, "conv2.bias": True,
    }  # fmt: skip


def test_shared_arrays_are_there_once():
    sketch = Sketch()
    left, right = sketch.input("8x8x3", "left"), sketch.input("8x8x3", "right")
    first = sketch.add(layer("conv", 4, 3), left)
    second = sketch.add(layer("conv", 4, 3), right, owner="conv1")
    sketch.add("add", first, second)
    program = lower(sketch.graph())
    assert list(parameters(program)) == ["conv1.weight", "conv1.bias"]
    assert [step.primitive.weight for step in program.steps[:2]] == ["conv1.weight"] * 2
    assert list(program.inputs) == ["left", "right"]


def test_an_owner_that_no_output_needs_still_lends_its_arrays():
    sketch = Sketch()
    image = sketch.input("8x8x3")
    sketch.add(layer("conv", 4, 3), image)
    sketch.add(layer("conv", 4, 3), image, owner="conv1")
    program = lower(sketch.graph())
    assert kinds_of(program) == ["Convolve"]
    assert list(parameters(program)) == ["conv1.weight", "conv1.bias"]


# ---- what is left out ----------------------------------------------------------------------------


def test_what_no_output_needs_is_left_out_with_its_parameters():
    sketch = Sketch()
    image = sketch.input("8x8x3")
    kept = sketch.add(layer("conv", 4, 3), image)
    sketch.add(layer("fc", 10), kept)
    program = lower(sketch.graph(features=kept))
    assert kinds_of(program) == ["Convolve"]
    assert list(parameters(program)) == ["conv1.weight", "conv1.bias"]


def test_an_input_that_nothing_reads_is_still_an_input():
    sketch = Sketch()
    sketch.input("8x8x3", "left")
    right = sketch.input("4", "right")
    sketch.add("relu", right)
    assert {name: value.shape for name, value in lower(sketch.graph()).inputs.items()} == {
        "left": (8, 8, 3), "right": (4,),
    }  # fmt: skip


def test_an_open_extent_is_refused_with_what_to_do():
    with pytest.raises(CnnError) as caught:
        lower(chain("?x?x3", layer("conv", 4, 3), "global_avgpool"))
    (found,) = caught.value.diagnostics
    assert found.code == "E225" and "?x?x3" in found.title and "--input" in found.helps[0]


# ---- losses --------------------------------------------------------------------------------------


def test_cross_entropy_takes_what_a_final_softmax_is_given():
    program = small()
    loss, softmax = program.steps[-1], program.steps[-2]
    assert loss.primitive == CrossEntropy() and softmax.primitive == Softmax()
    assert loss.inputs == (softmax.inputs[0], program.targets["output"])
    assert program.targets["output"].shape == () and program.losses == (loss.output,) and loss.output.shape == ()


def test_cross_entropy_takes_what_a_final_log_softmax_is_given():
    program = lower(chain("84", layer("fc", 10), "log_softmax"), {"output": "cross_entropy"})
    loss, final = program.steps[-1], program.steps[-2]
    assert loss.inputs == (final.inputs[0], program.targets["output"])
    assert program.outputs["output"] == final.output


def test_cross_entropy_sees_the_softmax_through_a_change_of_shape():
    net = chain("4x4x3", layer("conv", 10, 4), "softmax", "flatten")
    program = lower(net, {"output": "cross_entropy"})
    loss = program.steps[-1]
    assert isinstance(program.steps[-2].primitive, Reshape)
    assert program.steps[-2].inputs[0] == program.steps[0].output
    assert loss.inputs[0].shape == (10,)


def test_cross_entropy_takes_an_output_without_softmax_as_logits():
    program = lower(chain("6x6x3", layer("conv", 2, 1)), {"output": "cross_entropy"})
    assert program.steps[-1].inputs[0] == program.outputs["output"]
    assert program.targets["output"].shape == (6, 6)


def test_mean_squared_error_wants_targets_like_the_output():
    program = lower(chain("6x6x3", "sigmoid"), {"output": "mse"})
    assert program.steps[-1].primitive == SquaredError()
    assert program.targets["output"].shape == (6, 6, 3)


def test_a_loss_for_each_output():
    net = cnndsl.loads("""
        net Two {
            input 8x8x3
            features: conv(4, 3) -> relu
            output class: features -> fc(10) -> softmax
            output map: features -> conv(1, 1)
        }
    """)
    program = lower(net.graph, {"class": "cross_entropy", "map": "mse"})
    assert {name: value.shape for name, value in program.targets.items()} == {"class": (), "map": (6, 6, 1)}
    assert len(program.losses) == 2
    assert lower(net.graph, {"map": "mse"}).targets.keys() == {"map"}


@pytest.mark.parametrize("ends", [["sigmoid"], ["sigmoid", "flatten"]])
def test_binary_cross_entropy_takes_what_a_final_sigmoid_is_given(ends):
    program = lower(chain("4x4x3", layer("conv", 2, 1), *ends), {"output": "binary_cross_entropy"})
    loss, output = program.steps[-1], program.outputs["output"]
    made = {step.output: step for step in program.steps}
    assert loss.primitive == BinaryCrossEntropy()
    assert program.targets["output"].shape == output.shape == loss.inputs[0].shape
    before = loss.inputs[0] if ends == ["sigmoid"] else made[loss.inputs[0]].inputs[0]
    assert made[before].path == "conv1"


def test_a_loss_with_settings_and_a_weight():
    program = lower(chain("12", layer("fc", 3)), {"output": CrossEntropy(smoothing=0.1)}, loss_weights={"output": 0.25})
    loss, weight = program.steps[-2:]
    assert loss.primitive == CrossEntropy(0.1, ()) and weight.primitive == Unary("multiply", (0.25,))
    assert weight.inputs == (loss.output,) and program.losses == (weight.output,)


@pytest.mark.parametrize(
    "losses, meant", [({"output": "cross_entropi"}, "cross_entropy"), ({"outputs": "mse"}, "output")]
)
def test_an_unknown_loss_or_output(losses, meant):
    with pytest.raises(CnnError) as caught:
        lower(chain("10", layer("fc", 5)), losses)
    (found,) = caught.value.diagnostics
    assert found.code == "E521" and f"did you mean `{meant}`?" in found.helps


# ---- text ----------------------------------------------------------------------------------------


def test_the_program_as_text():
    assert show(small()).splitlines() == [
        "program Sketch",
        "  input input: %0 8x8x3",
        "  target output: %7 scalar",
        "  %1 6x6x4 = Convolve(%0, weight=conv1.weight, bias=conv1.bias, stride=(1, 1), pads=((0, 0), (0, 0)), "
        "dilation=(1, 1), groups=1)    # conv1",
        "  %2 6x6x4 = Unary(%1, function=relu)    # relu1",
        "  %3 3x3x4 = MaxPool(%2, kernel=(2, 2), stride=(2, 2), pads=((0, 0), (0, 0)), dilation=(1, 1))    # maxpool1",
        "  %4 36 = Reshape(%3)    # flatten1",
        "  %5 10 = Dense(%4, weight=fc1.weight, bias=fc1.bias)    # fc1",
        "  %6 10 = Softmax(%5)    # softmax1",
        "  %8 scalar = CrossEntropy(%5, %7)    # softmax1",
        "  output output: %6",
        "  minimize %8",
        "  weight conv1.weight 4x3x3x3: he",
        "  bias conv1.bias 4: constant 0",
        "  weight fc1.weight 10x36: glorot",
        "  bias fc1.bias 10: constant 0",
    ]
