"""Filters, scores, confusion and mistakes of weights that are made by hand, so that all of them are known."""

from __future__ import annotations

import sys
from base64 import b64decode

import numpy as np
import pytest

import cnndsl
from cnndsl import visualize
from cnndsl.report import assemble, best, budget
from cnndsl.report.budget import spread
from cnndsl.report.learned import learned, probabilities
from tests.report.helpers import data
from tests.visualize.test_invariance import DETECTORS, bar

#: the score of class k is the mean of cell k of the image: a bright first cell means class 0
PICK = "net Pick {{ input 1x3x1 ; conv(2, 1, bias=false) -> slice(0, 1) -> flatten -> fc(3, bias=false){end} }}"


@pytest.fixture
def files(tmp_path):
    """Weights and data: 6 images of which the last is wrong, by far, and the one before a little."""
    net = cnndsl.loads(PICK.format(end=" -> softmax"))
    model = net.compile(backend="numpy")
    model.engine.load(
        {"conv1.weight": np.array([[[[2.0]]], [[[-1.0]]]], np.float32), "fc1.weight": np.eye(3, dtype=np.float32)}
    )
    model.save(tmp_path / "pick.safetensors")
    x = np.array([[3, 0, 0], [0, 3, 0], [0, 0, 3], [4, 0, 0], [0, 1, 0], [5, 0, 0]], np.float32).reshape(6, 1, 3, 1)
    np.savez(tmp_path / "pick.npz", x=x, y=np.array([0, 1, 2, 0, 2, 1]))
    return net, str(tmp_path / "pick.safetensors"), str(tmp_path / "pick.npz")


def test_scores_confusion_and_mistakes(files):
    found = learned(*files)["learned"]
    assert (found["examples"], found["right"]) == (6, 4)
    assert found["confusion"] == [[0, 0, 2], [1, 0, 1], [1, 1, 1], [2, 1, 1], [2, 2, 1]]
    assert [(image["label"], image["top"][0][0]) for image in found["mistakes"]] == [(1, 0), (2, 1)], "the surest first"
    assert [image["label"] for image in found["images"]] == [0, 1, 2]
    first = found["images"][0]
    assert b64decode(first["pixels"]) == bytes([255, 0, 0]) and first["shape"] == (1, 3, 1)
    assert first["top"][0][1] == pytest.approx(np.exp(6) / (np.exp(6) + 2), abs=1e-4)


def test_activations_are_what_the_layers_give(files):
    found = learned(*files)["learned"]["maps"]
    conv, scores = found["1"], found["4"]
    values = np.frombuffer(b64decode(conv["pixels"]), np.uint8).reshape(conv["shape"])
    assert conv["shape"] == (3, 1, 3, 2) and (conv["low"], conv["high"]) == (-3.0, 6.0)
    assert values[0, 0, 0].tolist() == [255, 0] and values[1, 0, 0].tolist() == [85, 85], "3 and 0 times 2 and -1"
    assert scores["shape"] == (3, 1, 3, 1) and (scores["low"], scores["high"]) == (0.0, 6.0)


def test_reasons_are_the_maps_of_the_pixels(files):
    """Class k's score is 2 x_k: integrated gradients give the whole of it to cell k, red; Grad-CAM sees it there."""
    found = {each["name"]: each["images"] for each in learned(*files)["learned"]["reasons"]}
    assert list(found) == ["integrated gradients", "SmoothGrad", "Grad-CAM", "occlusion"]
    for name, images in found.items():
        for place, image in enumerate(images):
            cells = np.frombuffer(b64decode(image["pixels"]), np.uint8).reshape(image["shape"])
            assert image["shape"] == (1, 3, 3)
            others = [cells[0, other].tolist() for other in range(3) if other != place]
            assert others[0] == others[1] != cells[0, place].tolist(), name


def test_examples_are_near_each_other_where_the_net_gives_the_same(files):
    """What the fully connected layer reads is twice the image: distances of examples of a class are as in the data."""
    plane = learned(*files)["learned"]["planes"][0]
    points = np.array(plane["points"])
    assert plane["path"] == "flatten1" and 0.9 < plane["share"] <= 1
    assert points[:, 2].tolist() == [0, 1, 2, 0, 2, 1] and points[:, 3].tolist() == [0, 1, 2, 0, 1, 0]
    one, two, three = points[[0, 3, 5], :2]  # 3, 4 and 5 in the first cell
    assert np.linalg.norm(two - one) / np.linalg.norm(three - one) == pytest.approx(0.5, abs=0.01)


def test_t_sne_lays_them_out_too(files):
    pytest.importorskip("sklearn")
    pca, tsne = learned(*files)["learned"]["planes"]
    assert (pca["method"], tsne["method"], tsne["share"]) == ("pca", "tsne", None)
    assert [point[2:] for point in tsne["points"]] == [point[2:] for point in pca["points"]]


def test_without_scikit_learn_there_are_the_principal_components(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    assert [plane["method"] for plane in learned(*files)["learned"]["planes"]] == ["pca"]


@pytest.fixture
def bars(tmp_path):
    """Weights, data and model of a net whose maxout is over four detectors of bars at different angles."""
    net = cnndsl.loads("net Bars { input 9x9x1 ; conv(4, 9, bias=false) -> maxout(4) -> flatten -> fc(2) }")
    model = net.compile(backend="numpy")
    model.engine.load({**model.engine.arrays(), "conv1.weight": np.asarray(DETECTORS, np.float32)})
    model.save(tmp_path / "bars.safetensors")
    x = np.stack([bar(0), bar(90), bar(0)])[..., None]
    np.savez(tmp_path / "bars.npz", x=x, y=np.array([0, 1, 0]))
    return (net, str(tmp_path / "bars.safetensors"), str(tmp_path / "bars.npz")), model, x


def test_a_maximum_keeps_more_of_its_answer_than_its_detectors(bars, show):
    files, model, x = bars
    found = learned(*files)
    (((unit, kept), *detectors),) = found["learned"]["maxima"][2]
    wanted = visualize.responses(model, x[:2], "maxout1:0", "rotate", (-45, -30, -15, 0, 15, 30, 45))
    assert [unit, *(name for name, _ in detectors)] == ["maxout1:0", *(f"conv1:{number}" for number in range(4))]
    assert [kept, *(part for _, part in detectors)] == pytest.approx(list(wanted.kept), rel=1e-3)
    assert kept > 0.6 > max(part for _, part in detectors)
    with show(assemble(files[0].graph, (), found), at="maxout1") as shown:
        shown.click("#tab-moved")
        assert shown.locator("#maxima tr").count() == 1 and "conv1:3" in shown.inner_text("#maxima")


@pytest.fixture
def pooled(tmp_path):
    """Weights, data and the model of a net with a strided pool; its first filter is bright at a step to the right."""
    net = cnndsl.loads("net Small { input 8x8x1 ; conv(2, 3, pad=same) -> relu -> maxpool(2) -> flatten -> fc(3) }")
    model = net.compile(backend="numpy", seed=3)
    edge = np.zeros((2, 3, 3, 1), np.float32)
    edge[0, :, 0], edge[0, :, 2], edge[1] = -1, 1, 0.1
    model.engine.load({**model.engine.arrays(), "conv1.weight": edge})
    model.save(tmp_path / "small.safetensors")
    x = np.random.default_rng(0).random((5, 8, 8, 1), np.float32)
    x[3, :, :4], x[3, :, 4:] = 0, 1
    np.savez(tmp_path / "small.npz", x=x, y=np.array([0, 1, 2, 0, 2]))
    files = net, str(tmp_path / "small.safetensors"), str(tmp_path / "small.npz")
    return files, model, x


def test_the_best_patches_are_those_of_visualize(pooled):
    files, model, x = pooled
    found = learned(*files)["learned"]["best"]
    assert list(found) == [1] and found[1]["examples"] == 5, "the fully connected layer's units are the classes"
    edge = found[1]["units"][0][0]
    assert (edge["example"], edge["value"], edge["shape"]) == (3, 3.0, (3, 3, 1)), "the step from 0 to 1, in 3 rows"
    assert list(b64decode(edge["pixels"])) == [0, 255, 255] * 3 or list(b64decode(edge["pixels"])) == [0, 0, 255] * 3
    expected = visualize.top(model, x, "conv1", best.COUNT).best
    for unit, wanted in zip(found[1]["units"], expected, strict=True):
        assert [each["example"] for each in unit] == [each.number for each in wanted]
        assert [each["value"] for each in unit] == pytest.approx([each.value for each in wanted], rel=1e-3)


def test_inputs_are_made_for_units_and_classes(pooled):
    files, model, _ = pooled
    found = learned(*files)["learned"]
    for made, path in ((found["sought"][1], "conv1"), (found["ideals"], "fc1")):
        wanted = visualize.maximize(model, path, steps=best.STEPS)
        assert [each["value"] for each in made] == pytest.approx(wanted.values.tolist(), rel=1e-3)
        assert all(each["value"] > each["start"] for each in made) and made[0]["shape"] == (8, 8, 1)
        bytes_ = np.frombuffer(b64decode(made[0]["pixels"]), np.uint8).reshape(8, 8, 1)
        assert np.corrcoef(bytes_.ravel(), wanted.x[0].ravel())[0, 1] > 0.999


def test_occlusion_is_largest_where_the_class_is_seen(files):
    """Covering cell k by the image's mean takes 2 (3 - 1) from class k's score, and no other cell takes anything."""
    found = {each["name"]: each["images"] for each in learned(*files)["learned"]["reasons"]}["occlusion"]
    for place, image in enumerate(found):
        cells = np.frombuffer(b64decode(image["pixels"]), np.uint8).reshape(3, 3).tolist()
        assert [cell == [253, 231, 37] for cell in cells] == [cell == place for cell in range(3)], "the greatest"


def test_equivariance_and_the_pool_are_measured(pooled):
    files, model, x = pooled
    found = learned(*files)["learned"]["moved"]
    conv, pool = ({(kind, amount): parts for kind, amount, _, *parts in found[place]["rows"]} for place in (1, 3))
    assert conv["shift", 1][0] == pytest.approx(0, abs=1e-5) and conv["rotate", 90][0] > 0.1
    assert pool["shift", 1][0] is None and pool["shift", 2][0] == pytest.approx(0, abs=1e-5), "the stride is 2"
    shown = x[[0, 1, 2]]
    wanted = visualize.invariance(model, shown, "maxpool1", "shift", (1, 2, 4))
    assert found[3]["reads"] == wanted.paths[0] == "relu1" and "reads" not in found[1]
    assert found[3]["before"] == pytest.approx(wanted.changes[0].tolist(), rel=1e-3)
    assert [pool["shift", by][2] for by in (1, 2, 4)] == pytest.approx(wanted.changes[1].tolist(), rel=1e-3)


def test_a_large_net_goes_without_and_says_what_to_type(pooled, monkeypatch):
    monkeypatch.setattr(budget, "WORK", 100)
    found = learned(*pooled[0])["learned"]
    assert not any(found[name] for name in ("best", "sought", "ideals", "moved"))
    assert "occlusion" not in [each["name"] for each in found["reasons"]]
    assert [each.split()[3:5] for each in found["left"]] == [
        ["top", "conv1"], ["maximize", "conv1"], ["maximize", "fc1"], ["occlusion", "--weights"],
        ["equivariance", "conv1"],
    ]  # fmt: skip
    assert [spread("abcdefg", count) for count in (0, 1, 2, 9)] == [[], ["d"], ["b", "f"], list("abcdefg")]


def test_filters_lie_around_grey(files):
    found = learned(*files[:2])["learned"]
    assert list(found) == ["filters", "kernels"] and found["filters"][1]["most"] == 2
    assert list(b64decode(found["filters"][1]["pixels"])) == [255, 64], "2 of 2, and -1 of 2"


def test_logits_and_logarithms_mean_their_probabilities():
    even = np.array([[0.25, 0.75]])
    assert probabilities(even) is even
    for other in (np.log(even), np.log(even) + 7):
        assert np.allclose(probabilities(other), even)


def test_a_net_without_classes_says_so(tmp_path):
    net = cnndsl.loads("net Map { input 4x4x1 ; conv(1, 3, pad=same) -> sigmoid }")
    net.compile(backend="numpy", loss="mse").save(tmp_path / "map.safetensors")
    assert "missing" in learned(net, tmp_path / "map.safetensors", "sample")["learned"]


def test_the_page_shows_them(files, show):
    net, weights, examples = files
    text = assemble(net.graph, (), learned(net, weights, examples))
    assert data(text)["learned"]["right"] == 4
    with show(text, at="conv1") as shown:
        shown.click("#tab-scores")
        assert shown.inner_text("#right") == "66.67 %"
        assert (
            shown.inner_text("#confusion [data-pair='1,0']") == "1"
            and shown.inner_text("#confusion [data-pair='0,1']") == ""
        )
        shown.click(".examples button:nth-child(2)")
        assert shown.inner_text("#top .name >> nth=0").startswith("1 ✓")
        assert shown.locator(".reasons canvas").count() == 4
        assert shown.locator(".near.pca circle").count() == 6 and shown.locator(".near.pca .wrong").count() == 2
        shown.locator(".near .wrong").first.dispatch_event("pointerenter")
        assert shown.inner_text("#near") == "2, but the net says 1"
        shown.click("#tab-filters")
        cells = shown.evaluate(
            "[...document.querySelectorAll('.filters canvas')]"
            ".map((canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0])"
        )
        assert cells == [255, 64]
        shown.click("#tab-activations")
        assert shown.locator("#panel-activations .maps canvas").count() == 2
        shown.click("#tab-volumes")
        assert "1 ✓" in shown.inner_text("#panel-volumes")
        shown.click("#tab-field")
        assert shown.locator("[data-input=input] image").count() == 1


def test_the_page_shows_what_is_made_and_measured(pooled, show):
    (net, weights, examples), _, _ = pooled
    with show(assemble(net.graph, (), learned(net, weights, examples)), at="conv1") as shown:
        shown.click("#tab-scores")
        assert shown.locator(".ideals canvas").count() == 3 and shown.locator("#left").count() == 0
        shown.click("#tab-best")
        assert shown.locator("#panel-best canvas").count() == 2 * (1 + best.COUNT)
        assert "3, image 3" in shown.inner_text("#panel-best")
        shown.click("#tab-moved")
        assert shown.locator("#moved tr").count() == 7 and shown.locator("#moved tr >> nth=1 >> td").count() == 3
        shown.click("#tab-table")
        shown.click("#rows tr[data-layer='3']")
        assert shown.inner_text("#moved tr:nth-child(2) td >> nth=0") == "–"
        assert shown.locator("#moved tr:nth-child(2) td").count() == 4
        shown.click("#rows tr[data-layer='5']")
        assert "not measured of fc1" in shown.inner_text("#panel-moved")


def test_the_page_of_a_large_net_shows_the_commands(pooled, show, monkeypatch):
    monkeypatch.setattr(budget, "WORK", 100)
    (net, weights, examples), _, _ = pooled
    with show(assemble(net.graph, (), learned(net, weights, examples)), at="conv1") as shown:
        shown.click("#tab-best")
        assert shown.inner_text("#panel-best #left").startswith("cnnc visualize FILE top conv1")
