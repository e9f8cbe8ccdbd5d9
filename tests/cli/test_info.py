"""``maeum info``: what it says, and that it speaks up when something is missing or broken."""

import json

import jax
import pytest

import maeum as mm
from maeum import native
from maeum.cli import info
from maeum.core.messages import set_language


def test_says_versions_devices_and_kernels(maeum):
    ran = maeum("info")
    assert ran.code == 0
    for text in (mm.__version__, jax.__version__, "Device", "CPU threads", "Native kernels"):
        assert text in ran.out


def test_json_holds_the_facts(maeum):
    found = json.loads(maeum("info", "--json").out)
    assert found["maeum"] == mm.__version__
    assert found["jax"] == jax.__version__
    assert [device["name"] for device in found["devices"]] == [
        f"{device.platform}:{device.id}" for device in info.all_devices()
    ]
    assert found["threads"] >= 1
    assert found["native"]["present"] is native.status().present
    assert "digits" in found["data"]["sets"]
    assert set(found["libraries"]) == set(info.OPTIONAL)


def test_missing_kernels_are_explained(monkeypatch):
    monkeypatch.setattr(native, "status", lambda: native.Status(False, "no compiler"))
    found = info.facts()
    assert found["native"] == {"present": False, "instruction_set": None, "reason": "no compiler"}
    assert ("Native kernels", "none: no compiler") in info.lines(found)


def test_used_kernels_name_their_instructions(monkeypatch):
    monkeypatch.setattr(native, "status", lambda: native.Status(True, instruction_set="avx2"))
    assert ("Native kernels", "in use (avx2)") in info.lines(info.facts())


def test_devices_that_cannot_be_reached_are_no_reason_to_fail(monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("Unable to initialize backend 'cuda':\n no GPU")

    monkeypatch.setattr(jax, "local_devices", broken)
    found = info.facts()
    assert found["devices"] == []
    said = dict(info.lines(found))["Devices"]
    assert said == "JAX finds none: Unable to initialize backend 'cuda': no GPU"


def test_cpu_comes_before_the_device_that_jax_prefers(monkeypatch):
    class Device:
        def __init__(self, platform):
            self.platform = platform

    of = {None: [Device("gpu")], "cpu": [Device("cpu")]}
    monkeypatch.setattr(jax, "local_devices", lambda backend=None: of[backend])
    assert [device.platform for device in info.all_devices()] == ["cpu", "gpu"]


def test_device_with_memory_of_its_own():
    class Gpu:
        platform, id, device_kind = "gpu", 1, "NVIDIA H100"

        def memory_stats(self):
            return {"bytes_limit": 80 * 10**9}

    assert info.describe(Gpu()) == {
        "name": "gpu:1",
        "platform": "gpu",
        "kind": "NVIDIA H100",
        "memory": 80 * 10**9,
    }


def test_device_that_does_not_tell_its_memory():
    class Odd:
        platform, id, device_kind = "odd", 0, "thing"

        def memory_stats(self):
            raise NotImplementedError("no such question")

    assert info.describe(Odd())["memory"] is None


def test_cache_folder_and_its_size(tmp_path, monkeypatch):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "file").write_bytes(bytes(1200))
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    monkeypatch.setenv("MAEUM_CACHE", str(tmp_path))
    found = info.facts()
    assert found["cache"]["bytes"] == 1200
    assert ("Cache", f"{tmp_path} (1.2 kB)") in info.lines(found)


def test_cache_that_is_not_there_is_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("MAEUM_CACHE", str(tmp_path / "nowhere"))
    assert info.facts()["cache"]["bytes"] == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "none; the variable MAEUM_DATA can name one"),
        ("", "none; the variable MAEUM_DATA can name one"),
        ("/no/such/folder", "/no/such/folder (there is no such folder)"),
    ],
)
def test_data_folder_that_is_not_there(monkeypatch, given, said):
    if given is None:
        monkeypatch.delenv("MAEUM_DATA", raising=False)
    else:
        monkeypatch.setenv("MAEUM_DATA", given)
    found = info.facts()
    assert dict(info.lines(found))["Data folder"] == said
    assert "digits" in found["data"]["sets"]


def test_data_folder_that_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("MAEUM_DATA", str(tmp_path))
    assert ("Data folder", str(tmp_path)) in info.lines(info.facts())


def test_libraries_that_are_missing(monkeypatch):
    monkeypatch.setitem(info.OPTIONAL, "no-such-library", "nothing")
    said = dict(info.lines(info.facts()))
    assert said["no-such-library"] == "not installed; it serves nothing"


def test_programs_that_are_not_kept(monkeypatch):
    found = info.facts()
    found["cache"]["kept"][0]["folder"] = None
    assert ("Compiled programs", "not kept between runs") in info.lines(found)


def test_it_speaks_the_reader_s_language():
    set_language("ko")
    try:
        labels = [label for label, _text in info.lines(info.facts())]
    finally:
        set_language(None)
    assert {"CPU 스레드", "네이티브 커널", "데이터 폴더"} <= set(labels)
    assert not {"Device", "Cache", "Compiled programs", "Data sets here"} & set(labels)
