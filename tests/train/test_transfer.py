"""Weights of other nets, frozen layers and features: by what the engines then do, on every backend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl.backends import available
from cnndsl.diagnostic import CnnError
from cnndsl.train.selection import select

BACKENDS = [name for name, reason in available().items() if reason is None]
BODY = """
block body {
    conv(4, 3) -> batchnorm -> relu
    conv(4, 3) -> dropout(0.5) -> relu
}
"""
OLD = BODY + "net Old { input 8x8x1 ; features: body ; head: flatten -> fc(5) -> softmax }"
NEW = BODY + "net New { input 8x8x1 ; backbone: body ; head: flatten -> fc(3) -> softmax }"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def model(text: str, backend: str, **settings) -> cnndsl.train.model.Model:
    return cnndsl.loads(text).compile(
        **{"backend": backend, "optimizer": "sgd", "rate": 0.1, "momentum": 0.9, **settings}
    )


def examples(classes: int, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(count, 8, 8, 1)).astype(np.float32)
    return x, np.arange(count) % classes


def changed(before: dict, after: dict) -> set[str]:
    return {name for name in before if not np.array_equal(before[name], after[name])}


def test_layers_are_selected_by_path_scope_and_range() -> None:
    graph = cnndsl.loads(NEW).graph

    def paths(names) -> list[str]:
        return [node.path for node in select(graph, names)]

    body = ["conv1", "batchnorm1", "relu1", "conv2", "dropout1", "relu2"]
    assert paths("backbone.conv1") == ["backbone.conv1"]
    assert paths("backbone") == [f"backbone.{name}" for name in body]
    assert paths("backbone.relu1..backbone.conv2") == ["backbone.relu1", "backbone.conv2"]
    assert paths("backbone.relu2..head") == ["backbone.relu2", "head.flatten1", "head.fc1", "head.softmax1"]
    assert paths("backbone.conv2, backbone.conv1") == paths(["backbone.conv1", "backbone.conv2"])
    for names, words in (
        ("backbone.conv3", "did you mean `backbone.conv"),
        ("backbon", "did you mean `backbone`?"),
        ("head..backbone", "`backbone` comes before `head`"),
        ("conv1", "has no layers `conv1`"),
    ):
        with pytest.raises(CnnError) as error:
            select(graph, names)
        assert "E534" in str(error.value)
        assert words in " ".join(str(error.value).split())


def test_frozen_layers_stay_and_run_in_inference_mode(backend: str) -> None:
    new = model(NEW, backend)
    x, y = examples(3)
    new.fit(x, y, verbose=0)
    assert new.freeze("backbone")[0] == "backbone.conv1"
    before = new.engine.arrays()
    names = new.engine.gradients({"input": x}, {"output": y})[1].keys()
    assert names == {"head.fc1.weight", "head.fc1.bias", "input:input"}
    _, outputs = new.engine.step({"input": x}, {"output": y}, 0.1)
    # neither dropout nor the statistics of this batch: what training sees is what inference sees
    expected = cnndsl.loads(NEW).compile(backend=backend)
    expected.engine.load(before)
    np.testing.assert_allclose(np.asarray(outputs["output"]), expected.predict(x), rtol=1e-5, atol=1e-6)
    assert changed(before, new.engine.arrays()) == {"head.fc1.weight", "head.fc1.bias"}
    assert new.parameters == 3 * 64 + 3


def test_unfrozen_layers_are_trained_again_and_others_go_on(backend: str) -> None:
    x, y = examples(3)
    whole, stopped = model(NEW, backend), model(NEW, backend)
    for one in (whole, stopped):
        one.fit(x, y, batch_size=12, verbose=0)
    stopped.freeze("backbone.conv1")
    stopped.unfreeze("backbone.conv1")
    kept = stopped.engine.snapshot().arrays
    np.testing.assert_array_equal(
        kept["velocity:head.fc1.weight"], whole.engine.snapshot().arrays["velocity:head.fc1.weight"]
    )
    assert not kept["velocity:backbone.conv1.weight"].any()
    before = stopped.engine.arrays()
    stopped.fit(x, y, verbose=0)
    assert "backbone.conv1.weight" in changed(before, stopped.engine.arrays())


def test_what_the_source_freezes_can_be_trained(backend: str) -> None:
    frozen = model(NEW.replace("backbone: body", "backbone: body(freeze=true)"), backend)
    assert frozen.parameters == 3 * 64 + 3
    frozen.unfreeze("backbone")
    assert frozen.parameters == model(NEW, backend).parameters


def test_a_net_that_is_frozen_keeps_how_it_runs() -> None:
    kept = model(NEW, "numpy", deterministic=True, recompute="backbone")
    kept.freeze("head")
    kept.unfreeze("head")
    record = kept.engine.plan_record()
    assert (record["deterministic"], record["recompute"]) == (True, ("backbone",))


def test_weights_that_fit_nothing_are_refused(backend: str, tmp_path: Path) -> None:
    old, new = model(OLD, backend, seed=1), model(NEW, backend, seed=2)
    old.save(tmp_path / "old.safetensors")
    start = new.engine.arrays()
    for settings in ({}, {"into": "backbone"}, {"into": "backbone", "strict": False}):
        with pytest.raises(CnnError) as error:
            new.load(tmp_path / "old.safetensors", **settings)
        assert "E542" in str(error.value), "the file's names begin with `features`"
        assert changed(start, new.engine.arrays()) == set()


def test_reports_what_was_loaded_missing_and_mismatched(backend: str, tmp_path: Path) -> None:
    plain = "net Plain { input 8x8x1 ; conv(4, 3) -> batchnorm -> relu ; conv(4, 3) -> relu ; flatten -> fc(5) }"
    backbone = "conv(4, 3) -> batchnorm -> relu -> conv(6, 3) -> relu -> scale"
    used = f"net Used {{ input 8x8x1 ; backbone: {backbone} ; flatten -> fc(2) }}"
    one, other = model(plain, backend, seed=1), model(used, backend, seed=2)
    one.save(tmp_path / "plain.safetensors")
    start = other.engine.arrays()
    loaded = other.load(tmp_path / "plain.safetensors", into="backbone", strict=False)
    assert loaded.arrays == 6
    assert loaded.missing == ("backbone.scale1.weight", "backbone.scale1.bias")
    assert loaded.mismatched == (
        "backbone.conv2.weight: 4x3x3x4 in the file, 6x3x3x4 in the net",
        "backbone.conv2.bias: 4 in the file, 6 in the net",
    )
    assert set(loaded.unused) == {"fc1.weight", "fc1.bias"}
    assert "mismatched: backbone.conv2.bias" in repr(loaded)
    assert changed(start, other.engine.arrays()) <= {"backbone.conv1.weight"}
    np.testing.assert_array_equal(other.engine.arrays()["backbone.conv1.weight"], one.engine.arrays()["conv1.weight"])
    with pytest.raises(CnnError) as error:
        other.load(tmp_path / "plain.safetensors", into="backbone")
    assert "the file lacks `scale1.weight`" in " ".join(str(error.value).split())
    with pytest.raises(CnnError) as error:
        other.load(tmp_path / "plain.safetensors", into="backbon")
    assert "E534" in str(error.value)


def test_the_weights_of_another_model_are_taken_as_those_of_its_file(backend: str, tmp_path: Path) -> None:
    text = "net Used { input 8x8x1 ; backbone: conv(4, 3) -> batchnorm -> scale ; flatten -> fc(2) }"
    plain = "net Plain { input 8x8x1 ; conv(4, 3) -> batchnorm ; flatten -> fc(5) }"
    one, by_file, direct = model(plain, backend, seed=1), model(text, backend), model(text, backend)
    one.fit(*examples(5), verbose=0)
    one.save(tmp_path / "plain.safetensors")
    there = by_file.load(tmp_path / "plain.safetensors", into="backbone", strict=False)
    here = direct.load(one, into="backbone", strict=False)
    told = ("missing", "mismatched", "unused")
    assert [set(getattr(here, what)) for what in told] == [set(getattr(there, what)) for what in told]
    assert "arrays from Plain" in repr(here)
    assert changed(by_file.engine.arrays(), direct.engine.arrays()) == set()
    assert changed(
        one.engine.arrays(),
        direct.engine.arrays()
        | {name.removeprefix("backbone."): array for name, array in direct.engine.arrays().items()},
    ) <= {"fc1.weight", "fc1.bias"}
    with pytest.raises(CnnError) as error:
        direct.load(one)
    said = " ".join(str(error.value).split())
    assert "`Plain` does not fit the net `Used`" in said
    assert "`fc1.weight` is 5x144 in the other model, the net wants 2x144" in said
    assert "the file" not in said


def test_a_step_by_itself_is_that_of_an_epoch_of_one_batch(backend: str) -> None:
    by_hand, by_fit = model(NEW, backend, seed=3), model(NEW, backend, seed=3)
    x, y = examples(3)
    for _ in range(2):
        history = by_fit.fit(x, y, batch_size=12, shuffle=False, verbose=0)
        scores = by_hand.train_on_batch(x, y)
        assert scores == {name: history[name][0] for name in ("loss", "accuracy")}
    assert changed(by_hand.engine.arrays(), by_fit.engine.arrays()) == set()
    before = by_hand.engine.arrays()
    by_hand.train_on_batch(x, y, rate=1e-12)
    assert changed(before, by_hand.engine.arrays()) <= {
        "backbone.batchnorm1.running_mean",
        "backbone.batchnorm1.running_var",
    }
    by_hand.engine.load({"head.fc1.bias": np.full(3, np.inf, np.float32)})
    with pytest.raises(CnnError) as error:
        by_hand.train_on_batch(x, y)
    said = " ".join(str(error.value).split())
    assert "E526" in said and "for this batch" in said and "head.fc1.bias" in said


def test_features_are_what_the_layer_gives(backend: str) -> None:
    new = model(NEW, backend)
    x, y = examples(3)
    new.fit(x, y, verbose=0)
    for at, volume in (("backbone", (4, 4, 4)), ("backbone.relu1", (6, 6, 4)), ("head.fc1", (3,))):
        assert new.features(x, at=at).shape == (12, *volume)
    features = new.features(x, at="backbone", batch_size=5)
    head = cnndsl.loads("net Head { input 4x4x4 ; head: flatten -> fc(3) -> softmax }").compile(backend=backend)
    head.engine.load({name: array for name, array in new.engine.arrays().items() if name.startswith("head")})
    np.testing.assert_allclose(head.predict(features), new.predict(x), rtol=1e-5, atol=1e-6)
    with pytest.raises(CnnError) as error:
        new.features(x, at="backbone.pool5")
    assert "E534" in str(error.value)


def test_a_head_trained_on_cached_features_is_that_trained_on_a_frozen_body(backend: str, tmp_path: Path) -> None:
    new = model(NEW, backend)
    x, y = examples(3)
    new.freeze("backbone")
    head = model("net Head { input 4x4x4 ; flatten -> fc(3) -> softmax }", backend)
    head.engine.load(
        {name.removeprefix("head."): a for name, a in new.engine.arrays().items() if name.startswith("head")}
    )
    head.fit(new.features(x, at="backbone"), y, epochs=3, batch_size=4, verbose=0)
    new.fit(x, y, epochs=3, batch_size=4, verbose=0)
    trained = new.engine.arrays()
    head.save(tmp_path / "head.safetensors")
    assert new.load(tmp_path / "head.safetensors", into="head").arrays == 2
    np.testing.assert_allclose(new.engine.arrays()["head.fc1.weight"], trained["head.fc1.weight"], rtol=1e-3, atol=1e-5)
