"""`%%cnn` cells in a shell of IPython, and what results show of themselves."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import cnndsl
from cnndsl.diagnostic import CnnError, Diagnostic

CELL = "net Small(k = 4) {\n    input 8x8x1\n    conv(k, 3) -> relu\n}\n"


@pytest.fixture
def shell():
    testing = pytest.importorskip("IPython.core.interactiveshell", reason='pip install "cnndsl[pages]"')
    made = testing.InteractiveShell.instance()
    made.run_line_magic("load_ext", "cnndsl")
    yield made
    testing.InteractiveShell.clear_instance()


class Text(HTMLParser):
    """The tags of a piece of HTML and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_a_cell_is_its_net_and_binds_it(shell):
    result = shell.run_cell(f"%%cnn\n{CELL}").result
    assert result.params == 40 and shell.user_ns["Small"] is result


def test_a_cell_takes_the_options_of_the_command_line(shell):
    result = shell.run_cell(f"%%cnn --set k=2 --input 9x9x3\n{CELL}").result
    assert result.params == 2 * (9 * 3 + 1) and str(result.outputs["output"]) == "7x7x2"


def test_a_cell_with_several_nets_gives_all(shell):
    result = shell.run_cell(f"%%cnn\n{CELL}net Other = Small(8)\n").result
    assert {name: net.params for name, net in result.items()} == {"Small": 40, "Other": 80}
    assert shell.user_ns["Other"].params == 80


def test_what_is_wrong_is_a_message_with_its_place_in_the_cell(shell, capsys):
    done = shell.run_cell(f"%%cnn\n{CELL.replace('relu', 'rleu')}")
    assert isinstance(done.error_in_exec, CnnError), "the cell has failed, and what stands below it is not run"
    said = capsys.readouterr().out
    assert "error[E201]" in said and "cell:3:19" in said and "Traceback" not in said
    assert "Small" not in shell.user_ns


def test_a_wrong_option_is_a_message_too(shell, capsys):
    shell.run_cell(f"%%cnn --st k=2\n{CELL}")
    assert "error[E052]" in capsys.readouterr().out


def test_errors_of_python_calls_have_no_traceback_either(shell, capsys):
    shell.run_cell("import cnndsl")
    done = shell.run_cell("cnndsl.load('nowhere.cnn')")
    said = capsys.readouterr().out
    assert isinstance(done.error_in_exec, CnnError) and "error[E001]" in said and "Traceback" not in said


def test_warnings_of_a_cell_are_shown(shell, capsys):
    shell.run_cell("%%cnn\nnet Twice {\n    input 8x8x1\n    conv(4, 3) -> relu -> relu\n}")
    assert re.search(r"warning\[W\d+\]", capsys.readouterr().out)


def test_a_net_shows_its_diagram_and_its_table():
    net = cnndsl.loads("## </p><script>alert(1)</script>\n" + CELL)
    shown = net._repr_mimebundle_()
    read = Text(shown["text/html"])
    assert "script" not in read.tags and {"img", "table"} <= set(read.tags)
    assert "conv(4, 3)" in read.text and "Small" in read.text and shown["text/plain"] == repr(net)


def test_without_graphviz_the_table_is_what_there_is(monkeypatch):
    monkeypatch.setattr("cnndsl.draw.find", lambda: None)
    net = cnndsl.loads(CELL)
    shown = net._repr_mimebundle_()["text/html"]
    assert "<img" not in shown and "<details open>" in shown
    with pytest.raises(CnnError) as raised:
        net.draw()
    assert raised.value.diagnostics[0].code == "E658"


def test_a_drawing_without_a_file_is_an_svg():
    shown = cnndsl.loads(CELL).draw(style="sizes")._repr_mimebundle_()
    assert "<svg" in shown["image/svg+xml"] and "Small" in shown["text/plain"]


def test_a_message_shows_itself():
    with pytest.raises(CnnError) as raised:
        cnndsl.loads(CELL.replace("relu", "<b>"))
    diagnostic = raised.value.diagnostics[0]
    assert isinstance(diagnostic, Diagnostic)
    shown = diagnostic._repr_mimebundle_()
    assert Text(shown["text/html"]).tags == ["pre"] and Text(shown["text/html"]).text == shown["text/plain"]


def test_a_history_and_a_model_show_themselves():
    import numpy as np

    model = cnndsl.loads(CELL.replace("relu", "relu -> flatten -> fc(3)")).compile(backend="numpy")
    history = model.fit(np.zeros((4, 8, 8, 1), np.float32), np.array([0, 1, 2, 0]), epochs=2, verbose=0)
    html = history._repr_mimebundle_()["text/html"]
    assert (
        "data:image/svg+xml;base64," in html
        and html.count("<tr>") == 3
        and ">loss<" in html
        and history._repr_mimebundle_()["text/plain"] == repr(history)
    )
    assert "3 trained" not in html and "adam" in Text(model._repr_mimebundle_()["text/html"]).text.lower()
