"""What all tests share: one language, programs that compile soon, less looking for cycles."""

import contextlib
import gc
import os
import signal
import threading
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import settings

# Tests compile thousands of small programs and run each once or twice: without the expensive passes
# of the compiler they take half the time. `make soak` sets the flags to nothing, and so compiles as
# users do. The flags are those of jaxlib 0.10; one that does not know them would refuse to run.
if version("jaxlib").startswith("0.10."):
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false "
        "--xla_llvm_disable_expensive_passes=true --xla_cpu_parallel_codegen_split_count=1",
    )

# No test asserts a time; the first example of a test often compiles.
settings.register_profile("maeum", deadline=None)
settings.load_profile("maeum")

os.environ["MAEUM_LANGUAGE"] = "en"  # whatever the machine speaks
os.environ.setdefault("KERAS_BACKEND", "jax")  # what others are compared with computes by JAX, too

# A process that was started in the background may have been told to ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Tracing and compiling make many objects that live on; looking for cycles among them after every
# 700 new ones, as Python does by itself, takes a tenth of the time of the tests.
gc.set_threshold(100_000, 50, 100)


def _share_contexts(programs: int = 1000) -> None:
    """Let a thread lower many programs in one MLIR context, as each has its own otherwise.

    Most programs of the tests are small: to make a context, with all its dialects, to fill it with
    the same types again and to take it down takes about as long as to lower one. A context belongs
    to its thread, so none is used by two at once; what it has seen stays in it, so there is a new
    one after so many programs. The function is none of JAX's public ones: where there is none of
    its name, all is as JAX has it.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from jax._src.interpreters import mlir

        make, own = mlir.make_ir_context, threading.local()

        def shared():
            own.left = getattr(own, "left", 0) - 1
            if own.left < 0:
                own.context, own.left = make(), programs - 1
            return own.context

        mlir.make_ir_context = shared


_share_contexts()

_SLOW = Path(__file__).with_name("slow_tests.txt").read_text(encoding="utf-8").splitlines()[2:]


def pytest_collection_modifyitems(items):
    """Leave most cases of slow tests, and the cases that are named, to `make soak`."""
    every = {name: int(n or 3) for name, _, n in (line.partition(" ") for line in _SLOW)}
    seen = dict[str, int]()
    for item in items:
        case = item.nodeid.removeprefix("tests/")
        name = case.partition("[")[0]
        if name != case and case in every:
            item.add_marker(pytest.mark.soak)
        elif name in every:
            seen[name] = seen.get(name, -1) + 1
            if seen[name] % every[name]:
                item.add_marker(pytest.mark.soak)


@pytest.fixture
def write(tmp_path):
    """Write a file of text or bytes and return its path."""

    def write(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def public_data(monkeypatch):
    """Return the path of a public file or folder, such as ``tabular/churn_data.csv``.

    They are in the folder that ``MAEUM_DATA`` names, or in one beside the repository. Where there
    is no such folder the test is skipped, and the end of the run says so.
    """
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MAEUM_DATA", beside))
    if not folder.is_dir():
        pytest.skip("needs public data: the folder that MAEUM_DATA names")
    monkeypatch.setenv("MAEUM_DATA", str(folder))
    return folder.joinpath
