"""Ranks that wait for each other, before MLX is asked for anything."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib import import_module
from time import sleep

import pytest

from cnndsl import CnnError, loads

peers = import_module("cnndsl.backends.mlx.peers")
NET = "net N { input 4 -> fc(2) -> softmax }"


def ports(count: int) -> tuple[tuple[str, int], ...]:
    with ExitStack() as held:
        doors = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return tuple(door.getsockname()[:2] for door in doors)


def meet(ring, late=0.0, seconds=20.0):
    sleep(late)
    try:
        peers.meet(ring, seconds)
    except CnnError as error:
        return error.diagnostics[0]
    return None


@pytest.mark.parametrize("late", [(0, 0), (0.3, 0), (0, 0.2, 0.4), (0.3, 0, 0.1, 0)])
def test_all_that_come_meet_and_leave_their_ports_free(late):
    addresses = ports(len(late))
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(meet, peers.Ring(rank, addresses), wait) for rank, wait in enumerate(late)]
        assert [each.result(timeout=30) for each in found] == [None] * len(late)
    for address in addresses:
        socket.create_server(address).close()


def test_each_rank_names_the_one_that_did_not_come():
    addresses = ports(4)
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(meet, peers.Ring(rank, addresses), seconds=0.4) for rank in (0, 1, 3)]
        told = [each.result(timeout=30) for each in found]
    host, port = addresses[2]
    assert [each.code for each in told] == ["E606"] * 3
    assert all(f"rank 2 at {host}:{port}" in each.title for each in told)


def test_a_rank_that_ends_while_the_others_wait_may_be_started_again():
    addresses = ports(3)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(meet, peers.Ring(1, addresses), seconds=0.4)
        others = [pool.submit(meet, peers.Ring(0, addresses))]
        assert first.result(timeout=30).code == "E606"
        others += [pool.submit(meet, peers.Ring(rank, addresses)) for rank in (1, 2)]
        assert [each.result(timeout=30) for each in others] == [None] * 3


def test_ranks_of_other_files_are_told():
    addresses = ports(3)
    with ThreadPoolExecutor() as pool:
        two = pool.submit(meet, peers.Ring(0, addresses[:2]), seconds=2)
        three = pool.submit(meet, peers.Ring(1, addresses), seconds=0.5)
        told = two.result(timeout=30), three.result(timeout=30)
    assert "E605" in [each.code for each in told if each]
    assert any("the files of hosts differ" in each.title for each in told if each)


def test_strangers_at_the_door_change_nothing():
    addresses = ports(2)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(meet, peers.Ring(0, addresses))
        sleep(0.2)
        with socket.create_connection(addresses[0]) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n")
        second = pool.submit(meet, peers.Ring(1, addresses))
        assert (first.result(timeout=30), second.result(timeout=30)) == (None, None)


@pytest.mark.parametrize(
    ("rank", "text", "told"),
    [
        (None, None, "MLX_RANK is not set"),
        ("0", None, "MLX_HOSTFILE is not set"),
        ("2", '[["127.0.0.1:1"], ["127.0.0.1:2"]]', "MLX_RANK is 2"),
        ("0", '[["127.0.0.1"], ["127.0.0.1:2"]]', "`127.0.0.1` is no HOST:PORT"),
        ("0", "[", "is no file of hosts"),
        ("0", '[["192.0.2.1:5000"], ["127.0.0.1:2"]]', "it cannot listen there"),
    ],
)
def test_what_the_environment_lacks_is_told(monkeypatch, tmp_path, rank, text, told):
    for name, value in (("MLX_RANK", rank), ("MLX_HOSTFILE", text and str(tmp_path / "hosts.json"))):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    (tmp_path / "hosts.json").write_text(text or "")
    with pytest.raises(CnnError, match="E605") as found:
        peers.meet(peers.ring(), 1.0)
    assert told in found.value.diagnostics[0].title


def test_a_file_with_one_rank_or_none_means_that_it_is_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("MLX_RANK", "0")
    monkeypatch.setenv("MLX_HOSTFILE", str(tmp_path / "hosts.json"))
    for text in ("", json.dumps([["127.0.0.1:5000"]])):
        (tmp_path / "hosts.json").write_text(text)
        assert peers.ring().size < 2


def test_numpy_says_that_it_trains_alone():
    with pytest.raises(CnnError, match="E608") as found:
        loads(NET).compile(backend="numpy", distributed=True)
    assert "mlx" in found.value.diagnostics[0].helps[0]


def test_a_time_that_is_none_is_refused():
    with pytest.raises(CnnError, match="E523"):
        loads(NET).compile(backend="mlx", distributed=True, wait=0)
