"""`cnnc report` writes a page; `cnnc serve` shows it to this machine only, and the errors of a broken file."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.cli.cnnc import BAD, GOOD, START, bars, cnnc, environ, write


def test_report_writes_one_page(tmp_path):
    write(tmp_path, net=GOOD)
    done = cnnc("report", "net.cnn", "-o", "net.html", "--set", "classes=7", folder=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("wrote net.html (") and done.stderr == ""
    text = (tmp_path / "net.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and "24x24" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.cnn", "net.html"]


def test_report_of_a_broken_net_is_its_errors(tmp_path):
    write(tmp_path, net=BAD)
    done = cnnc("report", "net.cnn", "-o", "net.html", folder=tmp_path)
    assert done.returncode == 1 and "E301" in done.stderr and not (tmp_path / "net.html").exists()


def test_a_page_that_cannot_be_written_is_said(tmp_path):
    write(tmp_path, net=GOOD)
    done = cnnc("report", "net.cnn", "-o", "nowhere/net.html", folder=tmp_path)
    assert done.returncode == 2 and "E058" in done.stderr and "nowhere/net.html" in done.stderr


def test_data_without_weights_is_refused(tmp_path):
    write(tmp_path, net=GOOD)
    done = cnnc("report", "net.cnn", "--data", "sample", "-o", "net.html", folder=tmp_path)
    assert done.returncode == 2 and "E053" in done.stderr and "--weights" in done.stderr


def test_weights_that_do_not_fit_are_refused(tmp_path):
    write(tmp_path, net=GOOD)
    (tmp_path / "w.safetensors").write_bytes(b"none")
    done = cnnc("report", "net.cnn", "--weights", "w.safetensors", "-o", "net.html", folder=tmp_path)
    assert done.returncode == 1 and "E541" in done.stderr and not (tmp_path / "net.html").exists()


def test_a_run_brings_its_curves_and_its_data(tmp_path, monkeypatch, capsys):
    from cnndsl.cli import main

    monkeypatch.chdir(tmp_path)
    options = ["--data", bars(tmp_path), "--backend", "numpy", "--epochs", "2", "--name", "first"]
    assert main(["train", "bars.cnn", *options]) == 0
    assert main(["report", "bars.cnn", "-w", "first", "-o", "run.html"]) == 0
    weights = "runs/first/last.safetensors"
    assert main(["report", "bars.cnn", "-w", weights, "-o", "file.html"]) == 0
    (tmp_path / "alone").mkdir()
    (tmp_path / weights).rename("alone/w.safetensors")
    assert main(["report", "bars.cnn", "-w", "alone/w.safetensors", "-o", "alone.html"]) == 0
    capsys.readouterr()
    assert main(["report", "bars.cnn", "-w", "second", "-o", "no.html"]) == 2
    assert "E068" in capsys.readouterr().err and not (tmp_path / "no.html").exists()
    run, file, alone = (data((tmp_path / f"{name}.html").read_text("utf-8")) for name in ("run", "file", "alone"))
    log = [json.loads(line) for line in (tmp_path / "runs/first/log.jsonl").read_text().splitlines()]
    assert run["curves"] == file["curves"] and run["curves"]["run"] == "first"
    assert run["curves"]["panels"][0]["lines"][0][2] == [[epoch["epoch"], epoch["loss"]] for epoch in log]
    assert run["learned"]["part"].startswith("train examples of") and run["learned"]["examples"] == 64
    assert "images" not in file["learned"] and "curves" not in alone and alone["learned"]["kernels"]


@contextmanager
def serving(folder, *options):
    """A `cnnc serve net.cnn` that runs; gives its port."""
    command = [sys.executable, "-c", START, "serve", "net.cnn", *options]
    running = subprocess.Popen(
        command, cwd=folder, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = running.stdout.readline()
        yield int(re.search(r"http://127\.0\.0\.1:(\d+)/", line)[1])
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=20)
        running.stdout.close()
        said = running.stderr.read()
        running.stderr.close()
        assert running.returncode == 0 and said == ""


def ask(port: int, path: str = "/", **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, dict(answer.getheaders())


def data(text: str) -> dict:
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


@pytest.fixture
def free() -> str:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return str(held.getsockname()[1])


def test_serve_follows_the_file(tmp_path, free):
    part = "block twice(k) { conv(k, 3) -> relu }\n"
    write(tmp_path, part=part, net='from "part.cnn" import twice\nnet Used { input 9x9x1 ; twice(4) }\n')
    with serving(tmp_path, "--port", free) as port:
        status, text, headers = ask(port)
        assert status == 200 and data(text)["totals"]["params"] == 40 and headers["Cache-Control"] == "no-store"
        assert "connect-src 'self'" in text
        before = ask(port, "/version")[1]
        assert ask(port, "/version")[1] == before, "nothing has changed"
        write(tmp_path, part=part.replace("conv(k, 3)", "conv(k, 99)"))
        assert ask(port, "/version")[1] != before, "what the file imports counts, too"
        broken = data(ask(port)[1])
        assert [message["code"] for message in broken["diagnostics"]] == ["E301"] and not broken["layers"]
        write(tmp_path, part=part.replace("conv(k, 3)", "conv(k, 1)"))
        assert data(ask(port)[1])["totals"]["params"] == 8
        (tmp_path / "net.cnn").unlink()
        assert [message["code"] for message in data(ask(port)[1])["diagnostics"]] == ["E001"]


def test_serve_gives_no_file_and_answers_to_this_machine_only(tmp_path, free):
    write(tmp_path, net=GOOD)
    with serving(tmp_path, "--port", free) as port:
        for path in ("/net.cnn", "/../net.cnn", "/%2e%2e/net.cnn", "//etc/passwd", "/?a", "/version/"):
            status, text, _ = ask(port, path)
            assert status == 404 and "Digits" not in text
        assert ask(port, "/", Host=f"elsewhere.example:{port}")[0] == 403
        with pytest.raises(OSError):
            own = socket.gethostbyname(socket.gethostname())
            if own.startswith("127."):
                raise OSError("this machine has no other address")
            socket.create_connection((own, port), timeout=2)


def test_a_port_that_is_taken(tmp_path):
    write(tmp_path, net=GOOD)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        done = cnnc("serve", "net.cnn", "--port", str(port), folder=tmp_path)
    assert done.returncode == 2 and "E096" in done.stderr and str(port) in done.stderr


def test_serve_needs_a_file(tmp_path):
    done = cnnc("serve", "none.cnn", folder=tmp_path)
    assert done.returncode == 2 and "E001" in done.stderr
