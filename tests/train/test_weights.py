"""Files of weights: what goes in comes out, the same bytes for the same weights, and every way they can be wrong."""

from __future__ import annotations

import json
import os
import stat
import struct
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import cnndsl
from cnndsl.data.normalization import Normalization
from cnndsl.diagnostic import CnnError
from cnndsl.program import Parameter, Start
from cnndsl.replaced import replaced
from cnndsl.train import weights
from cnndsl.train.build import load_model
from cnndsl.train.metadata import Metadata
from tests.train.fake import FakeNet, fake_data, fake_model

START = Start("constant")
ARRAYS = {
    "conv1.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "conv1.bias": np.array([1.5, -2.0], np.float32),
    "scale": np.array(3.0, np.float32),
}
PARAMETERS = tuple(Parameter(name, array.shape, START, "weight") for name, array in ARRAYS.items())
MADE = Metadata(
    "Net",
    "net Net { … }\n",
    "net.cnn",
    settings={"k": 3, "size": (2, 3)},
    inputs={"x": (2, 3)},
    losses={"y": "mse"},
    class_names=("cat", "dög"),
    normalization=Normalization(1 / 255, (0.5,), (0.25,)),
)


def said(error: pytest.ExceptionInfo[CnnError]) -> tuple[str, str]:
    (diagnostic,) = error.value.diagnostics
    return diagnostic.code, " ".join([diagnostic.title, *diagnostic.notes, *diagnostic.helps])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    weights.save(tmp_path / "net.safetensors", ARRAYS, MADE)
    return tmp_path / "net.safetensors"


def header(path: Path) -> dict:
    """A safetensors file's own words, read by its specification: eight bytes of length, then JSON."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length])


def test_what_is_saved_is_loaded(saved: Path) -> None:
    arrays, made = weights.load(saved)
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == np.float32
        assert arrays[name].shape == array.shape
    assert made == weights.read_metadata(saved)
    assert made.replace(version="", settings={}) == MADE.replace(settings={})
    assert made.settings == {"k": 3, "size": [2, 3]}
    assert made.inputs == {"x": (2, 3)}
    assert made.version not in ("", "unknown")


def test_the_file_says_it_all_itself(saved: Path) -> None:
    words = header(saved)
    assert set(words) == {"__metadata__", *ARRAYS}
    assert words["conv1.weight"]["shape"] == [2, 3, 4]
    assert words["conv1.weight"]["dtype"] == "F32"
    made = json.loads(words["__metadata__"]["cnndsl"])
    assert made["source"] == MADE.source
    assert made["source_sha256"] == sha256(MADE.source.encode()).hexdigest()
    assert made["class_names"] == ["cat", "dög"]
    assert made["normalization"] == {"scale": 1 / 255, "mean": [0.5], "std": [0.25]}
    assert made["format"] == 1


def test_the_same_weights_are_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    program = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.train.test_weights import ARRAYS, MADE
from cnndsl.train import weights
weights.save({str(tmp_path / "other")!r}, ARRAYS, MADE)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "other").read_bytes() == saved.read_bytes()


def test_arrays_that_do_not_lie_in_order_are_saved_as_they_are_seen(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    weights.save(tmp_path / "a", {"w": array}, MADE)
    np.testing.assert_array_equal(weights.load(tmp_path / "a")[0]["w"], array)


def test_a_saved_file_has_the_usual_permissions(saved: Path) -> None:
    (saved.parent / "plain").touch()
    assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE((saved.parent / "plain").stat().st_mode)
    assert sorted(item.name for item in saved.parent.iterdir()) == ["net.safetensors", "plain"]


def test_wider_and_narrower_decimals_become_float32(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"a": np.array([0.5], np.float64), "b": np.array([0.25], np.float16)}, tmp_path / "other.safetensors")
    arrays, made = weights.load(tmp_path / "other.safetensors")
    assert made is None
    assert {name: (array.dtype, array.tolist()) for name, array in arrays.items()} == {
        "a": (np.float32, [0.5]),
        "b": (np.float32, [0.25]),
    }
    with pytest.raises(CnnError) as error:
        weights.read_metadata(tmp_path / "other.safetensors")
    assert said(error)[0] == "E541"
    assert "another program wrote it" in said(error)[1]


# ---- files that cannot be read -------------------------------------------------------------------


def test_no_cut_of_a_file_gets_through(saved: Path) -> None:
    content = saved.read_bytes()
    for length in [*range(0, len(content), 7), len(content) - 1]:
        saved.write_bytes(content[:length])
        for read in (weights.load, weights.read_metadata):
            with pytest.raises(CnnError) as error:
                read(saved)
            assert said(error)[0] == "E541"
            assert str(saved) in said(error)[1]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("net.safetensors", b"PK\x03\x04" + bytes(100), "no whole safetensors file"),
        ("net.safetensors", b"\xff" * 64, "no whole safetensors file"),
        ("net.safetensors", struct.pack("<Q", 2) + b"{}", ""),
        ("net.pt", b"anything", "`.pt` is another program's format"),
        ("net.h5", b"anything", "`.h5`"),
    ],
)
def test_foreign_files(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    if not words:
        assert weights.load(tmp_path / name) == ({}, None)
        return
    with pytest.raises(CnnError) as error:
        weights.load(tmp_path / name)
    assert said(error)[0] == "E541"
    assert words in said(error)[1]


def test_missing_files_and_folders(saved: Path) -> None:
    with pytest.raises(CnnError) as error:
        weights.load(saved.parent / "nte.safetensors")
    assert said(error)[0] == "E541"
    assert "no such file" in said(error)[1]
    assert f"did you mean `{saved}`?" in said(error)[1]
    with pytest.raises(CnnError) as error:
        weights.load(saved.parent / "none" / "x.safetensors")
    assert "cnnc train" in said(error)[1]
    with pytest.raises(CnnError) as error:
        weights.load(saved.parent)
    assert "folder" in said(error)[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda made: "{", "Expecting"),
        (lambda made: json.dumps({**made, "source": "net Other { }"}), "hash"),
        (lambda made: json.dumps({**made, "format": 2}), "its format is 2, this version of cnndsl reads up to 1"),
        (lambda made: json.dumps({key: made[key] for key in made if key != "net"}), "lack 'net'"),
        (lambda made: json.dumps({**made, "normalization": [1]}), ""),
        (lambda made: json.dumps([1]), ""),
    ],
)
def test_metadata_that_was_tampered_with(saved: Path, change, words: str) -> None:
    from safetensors.numpy import save_file

    save_file(ARRAYS, saved, {"cnndsl": change(json.loads(header(saved)["__metadata__"]["cnndsl"]))})
    with pytest.raises(CnnError) as error:
        weights.load(saved)
    assert said(error)[0] == "E541"
    assert words in said(error)[1]


def test_arrays_of_whole_numbers_are_no_weights(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"w": np.arange(3)}, tmp_path / "w.safetensors")
    with pytest.raises(CnnError) as error:
        weights.load(tmp_path / "w.safetensors")
    assert "`w` holds int64" in said(error)[1]


# ---- files that cannot be written ----------------------------------------------------------------


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none" / "a", "its folder does not exist"), (tmp_path, "it is a folder")):
        with pytest.raises(CnnError) as error:
            weights.save(path, ARRAYS, MADE)
        assert said(error)[0] == "E543"
        assert words in said(error)[1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_full_disk_leaves_the_old_file(saved: Path) -> None:
    """The limit on a file's size stands in for a full disk: the system refuses the write in the same place."""
    before = saved.read_bytes()
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.train.test_weights import MADE
from cnndsl.train import weights
from cnndsl.diagnostic import CnnError
import numpy as np
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    weights.save({str(saved)!r}, {{"w": np.zeros(100_000, np.float32)}}, MADE)
except CnnError as error:
    print(error.diagnostics[0].code, error.diagnostics[0].title)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("E543 cannot write the weights")
    assert "File too large" in done.stdout
    assert saved.read_bytes() == before
    assert [item.name for item in saved.parent.iterdir()] == [saved.name]


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt), replaced(file) as beside:
        beside.write_text("half")
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
    with replaced(file) as beside:
        beside.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"


def test_it_is_on_the_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (calls.append("sync"), real_sync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (calls.append("rename"), real_replace(self, to))[1])
    weights.save(tmp_path / "a", ARRAYS, MADE)
    assert calls == ["sync", "rename", "sync"]


def test_a_link_stays_a_link(saved: Path) -> None:
    link = saved.parent / "latest"
    link.symlink_to(saved.name)
    weights.save(link, {"w": np.zeros(1, np.float32)}, MADE)
    assert link.is_symlink()
    assert weights.load(saved)[0].keys() == {"w"}


# ---- arrays that are not the net's ---------------------------------------------------------------


def mismatch(arrays: dict[str, np.ndarray]) -> str:
    with pytest.raises(CnnError) as error:
        weights.check("w.safetensors", "Net", PARAMETERS, arrays, MADE)
    assert said(error)[0] == "E542"
    return said(error)[1]


def test_arrays_that_fit() -> None:
    weights.check("w.safetensors", "Net", PARAMETERS, ARRAYS, MADE)


def test_another_shape_names_both() -> None:
    text = mismatch({**ARRAYS, "conv1.weight": np.zeros((2, 5))})
    assert "`conv1.weight` is 2x5 in the file, the net wants 2x3x4" in text
    assert "1 array differs" in text
    assert "`w.safetensors` does not fit the net `Net`" in text


def test_another_name_is_recognized_from_both_sides() -> None:
    text = mismatch({"conv_1.weight": ARRAYS["conv1.weight"], **{k: ARRAYS[k] for k in ("conv1.bias", "scale")}})
    assert "the file lacks `conv1.weight`, 2x3x4; it has `conv_1.weight`" in text
    assert "the file has `conv_1.weight`, 2x3x4, the net does not; did you mean `conv1.weight`?" in text
    assert "2 arrays differ" in text


def test_missing_and_foreign_arrays() -> None:
    text = mismatch({**ARRAYS, "head.bias": np.zeros(7)})
    assert "the file has `head.bias`, 7, the net does not" in text
    assert "did you mean" not in text
    assert "the file lacks `scale`, one number" in mismatch({k: ARRAYS[k] for k in ("conv1.weight", "conv1.bias")})


def test_many_differences_are_counted() -> None:
    text = mismatch({f"layer{n}.weight": np.zeros(1) for n in range(20)})
    assert "23 arrays differ" in text
    assert "and 15 more" in text


# ---- a model's weights ---------------------------------------------------------------------------


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    model = fake_model(rate=0.5)
    model.class_names, model.normalization = ("a", "b", "c"), Normalization(1 / 255)
    x, y = fake_data(40)
    model.fit(x, y, epochs=3, verbose=0)
    model.save(tmp_path / "fake.safetensors")
    other = fake_model(seed=9)
    assert not np.allclose(other.predict(x), model.predict(x))
    done = other.load(tmp_path / "fake.safetensors")
    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    assert (other.class_names, other.normalization) == (model.class_names, model.normalization)
    assert done.notes == ()
    assert "loaded 2 arrays" in repr(done)
    made = weights.read_metadata(tmp_path / "fake.safetensors")
    assert (made.net, made.source, made.source_name) == ("Fake", FakeNet().text, "fake.cnn")
    assert (made.settings, made.inputs, made.losses) == ({"classes": 3}, {"x": (4,)}, {"y": "cross_entropy"})


def test_a_net_of_several_files_comes_back_without_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was trained: what became of the files does not matter, nor where the program runs."""
    for folder in ("nets/parts/deep", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    nets = tmp_path / "nets"
    (nets / "net.cnn").write_text('from "parts/a.cnn" import a\nnet N { input 6x6x1 ; a(3) -> flatten -> fc(2) }')
    (nets / "parts" / "a.cnn").write_text('from "deep/b.cnn" import b\nblock a(k) { b(k) -> relu }')
    (nets / "parts" / "deep" / "b.cnn").write_text('from "zoo/resnet.cnn" import basic\nblock b(k) { basic(k) }')
    monkeypatch.chdir(tmp_path)
    net = cnndsl.load("nets/net.cnn")
    assert set(net.imports) == {"parts/a.cnn", "parts/deep/b.cnn"}, "the zoo is always there"
    model = net.compile(backend="numpy", loss="mse")
    model.save("n.safetensors")
    x = np.random.default_rng(0).random((2, 6, 6, 1), np.float32)
    (nets / "parts" / "a.cnn").write_text("block a(k) { conv(2 * k, 1) }")
    (nets / "parts" / "deep" / "b.cnn").unlink()
    for folder in (tmp_path, tmp_path / "elsewhere"):
        monkeypatch.chdir(folder)
        loaded = load_model(tmp_path / "n.safetensors", backend="numpy")
        np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
        assert loaded.net.imports == net.imports and loaded.metadata.source_sha256 == model.metadata.source_sha256
        assert str(loaded.net.sizes()), "which builds the net again"


def test_another_source_is_a_note_not_an_error(tmp_path: Path) -> None:
    model = fake_model()
    model.net = FakeNet(text="# another text\n" + FakeNet().text)
    model.save(tmp_path / "fake.safetensors")
    done = fake_model().load(tmp_path / "fake.safetensors")
    assert len(done.notes) == 1
    assert "another text of `Fake`" in repr(done)


def test_a_foreign_file_that_fits_is_loaded_with_a_note(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    model = fake_model()
    save_file(model.engine.arrays(), tmp_path / "other.safetensors")
    assert "another program" in repr(fake_model(seed=4).load(tmp_path / "other.safetensors"))


def test_nothing_is_loaded_from_a_file_that_does_not_fit(tmp_path: Path) -> None:
    model = fake_model()
    before = model.engine.arrays()
    weights.save(tmp_path / "w", {"fc1.weight": np.ones((3, 4)), "fc1.bias": np.ones(9)}, MADE)
    with pytest.raises(CnnError) as error:
        model.load(tmp_path / "w")
    assert "`fc1.bias` is 9 in the file, the net wants 3" in said(error)[1]
    for name, array in model.engine.arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_normalization_is_what_its_formula_says() -> None:
    raw = np.array([[0, 255], [51, 102]], np.uint8)
    found = Normalization(1 / 255, (0.2, 0.4), (0.5, 0.25)).apply(raw)
    np.testing.assert_allclose(found, [[-0.4, 2.4], [0.0, 0.0]], atol=1e-6)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(Normalization().apply(raw), raw)
