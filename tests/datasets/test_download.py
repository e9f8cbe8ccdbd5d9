"""Downloading: resumed, checked, whole or not at all; against a server on this machine."""

import dataclasses
import errno
import hashlib
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from maeum.core.errors import DataError, SaveError
from maeum.datasets import download
from maeum.datasets.download import fetch


def parts(cache):
    return sorted(p.name for p in (cache / "set").iterdir() if p.suffix != ".lock")


def test_a_file_is_fetched_once_and_kept(file, serving, content, cache):
    path = fetch(file)
    assert path == cache / "set" / "big.bin"
    assert path.read_bytes() == content
    assert fetch(file) == path
    assert serving.requests == [("/big.bin", None)]
    assert parts(cache) == ["big.bin"]


def test_a_broken_download_goes_on_where_it_stopped(file, serving, content):
    serving.how = "breaks"
    serving.break_after = 400_000  # of 1,024,000 bytes: three requests
    assert fetch(file).read_bytes() == content
    assert [asked for _, asked in serving.requests] == [None, "bytes=400000-", "bytes=800000-"]


@pytest.mark.parametrize("how", ["well", "no ranges", "wrong range", "no length"])
def test_what_an_earlier_run_fetched_is_not_lost(file, serving, content, cache, how):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "big.bin.part").write_bytes(content[:1000])
    serving.how = how
    assert fetch(file).read_bytes() == content
    assert serving.requests[0] == ("/big.bin", "bytes=1000-")
    assert parts(cache) == ["big.bin"]


@pytest.mark.parametrize(
    "part",
    [
        lambda content: content,
        lambda content: content + b"more than the file has",
        lambda content: b"x" * len(content),
        lambda content: b"x" * 1000,
        lambda content: b"",
    ],
    ids=["whole", "too long", "wrong", "wrong beginning", "empty"],
)
def test_a_part_that_is_no_beginning_of_the_file_starts_anew(file, content, cache, part):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "big.bin.part").write_bytes(part(content))
    assert fetch(file).read_bytes() == content
    assert parts(cache) == ["big.bin"]


def test_a_whole_part_is_not_fetched_again(file, serving, content, cache):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "big.bin.part").write_bytes(content)
    fetch(file)
    assert serving.requests == []


def test_a_damaged_file_in_the_cache_is_fetched_again(file, content, cache):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "big.bin").write_bytes(content[:-1])
    assert fetch(file).read_bytes() == content


def test_the_next_source_goes_on_with_what_the_first_one_sent(file, serving, content):
    urls = (f"{serving.address}/missing", "http://127.0.0.1:1/big.bin", *file.urls)
    assert fetch(dataclasses.replace(file, urls=urls)).read_bytes() == content
    assert [path for path, _ in serving.requests] == ["/missing", "/big.bin"]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("missing", "HTTP 404"),
        ("portal", "the hash is wrong"),
        ("sends nothing", "broke off after 0 of 1024000 bytes"),
        ("breaks without ranges", "broke off after 512000 of 1024000 bytes"),
    ],
)
def test_a_source_that_does_not_give_the_file_is_named_with_the_reason(
    file, serving, cache, how, reason
):
    serving.how = how
    with pytest.raises(DataError, match=reason) as caught:
        fetch(file)
    message = str(caught.value)
    for said in ("'big.bin'", file.urls[0], str(cache / "set"), "MAEUM_DATA", "not set"):
        assert said in message
    assert not (cache / "set" / "big.bin").exists()


def test_a_damaged_file_is_mentioned_when_offline(file, cache, offline):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "big.bin").write_bytes(b"other")
    with pytest.raises(DataError, match=r"big\.bin' is there, but it is another file or damaged"):
        fetch(file)
    assert (cache / "set" / "big.bin").read_bytes() == b"other"  # it may be somebody's


def test_offline_what_was_fetched_before_is_kept(file, content, cache, offline):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "big.bin.part").write_bytes(content[:500])
    with pytest.raises(DataError, match="could not be downloaded"):
        fetch(file)
    assert (cache / "set" / "big.bin.part").read_bytes() == content[:500]


def test_a_source_that_falls_silent_is_given_up(file, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/big.bin"
        with pytest.raises(DataError, match="timed out"):
            fetch(dataclasses.replace(file, urls=(url,)))


def test_a_server_that_talks_nonsense_is_given_up(file):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/big.bin"
        asked = threading.Thread(target=answer_nonsense, args=(server,))
        asked.start()
        with pytest.raises(DataError, match="could not be downloaded"):
            fetch(dataclasses.replace(file, urls=(url,)))
        asked.join()


def answer_nonsense(server):
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"220 mail server ready\r\n\r\n")
    connection.close()


def test_an_interrupted_download_can_be_resumed(file, serving, content, cache, monkeypatch):
    network = download._network
    calls = []

    def interrupted(call):
        calls.append(call)
        if len(calls) == 4:  # opened, two pieces read
            raise KeyboardInterrupt
        return network(call)

    with monkeypatch.context() as patched:
        patched.setattr(download, "_network", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch(file)
    have = (cache / "set" / "big.bin.part").stat().st_size
    assert 0 < have < len(content)
    assert fetch(file).read_bytes() == content
    assert serving.requests[-1] == ("/big.bin", f"bytes={have}-")


def test_a_disk_that_is_full_is_said_to_be(file, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SaveError, match=r"No space left on device.*MAEUM_CACHE"):
        fetch(file)


def test_a_cache_that_cannot_be_made_is_an_error_that_says_so(file, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MAEUM_CACHE", str(tmp_path / "file"))
    with pytest.raises(SaveError, match="MAEUM_CACHE"):
        fetch(file)


def test_a_file_that_several_want_at_once_is_fetched_once(file, serving, content):
    serving.break_after = 100_000
    serving.how = "breaks"
    with ThreadPoolExecutor(3) as pool:  # the lock is one of the system: processes wait as well
        paths = list(pool.map(fetch, [file] * 3))
    assert set(paths) == {file.cached}
    assert file.cached.read_bytes() == content
    assert len(serving.requests) == 11  # ten full pieces and the rest


def test_a_line_of_progress_is_drawn_on_a_terminal_only(file, capsys, monkeypatch):
    fetch(file)
    assert capsys.readouterr() == ("", "")
    file.cached.unlink()
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # what rich takes for a terminal
    fetch(file)
    out, err = capsys.readouterr()
    assert out == ""
    assert "big.bin" in err
    assert "1.0/1.0 MB" in err


class TestMaeumData:
    def test_it_is_looked_in_first(self, file, serving, tmp_path, monkeypatch):
        (tmp_path / "data" / "set").mkdir(parents=True)
        (tmp_path / "data" / "set" / "big.bin").write_bytes(b"mine")
        monkeypatch.setenv("MAEUM_DATA", str(tmp_path / "data"))
        assert fetch(file).read_bytes() == b"mine"
        assert serving.requests == []

    def test_a_file_that_lies_flat_is_known_by_its_hash(
        self, file, serving, content, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("MAEUM_DATA", str(tmp_path))
        (tmp_path / "big.bin").write_bytes(content)
        assert fetch(file) == tmp_path / "big.bin"
        assert serving.requests == []
        (tmp_path / "big.bin").write_bytes(b"of another data set")
        assert fetch(file).read_bytes() == content
        assert len(serving.requests) == 1

    def test_a_folder_that_is_not_there_is_no_error(self, file, content, monkeypatch):
        monkeypatch.setenv("MAEUM_DATA", "/nowhere")
        assert fetch(file).read_bytes() == content

    def test_other_names_of_the_file_are_known(self, file, tmp_path, monkeypatch):
        monkeypatch.setenv("MAEUM_DATA", str(tmp_path))
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "big").write_bytes(b"unpacked")
        file = dataclasses.replace(file, folders=("set", "other"), also=("big",))
        assert fetch(file).read_bytes() == b"unpacked"


def test_md5_sums_are_known_too(file, content):
    digest = hashlib.md5(content).hexdigest()
    assert fetch(dataclasses.replace(file, digest=f"md5:{digest}")).read_bytes() == content
