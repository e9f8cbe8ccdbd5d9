"""The same tests of the operations once more, without the native kernels."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maeum import native

HERE = Path(__file__).parent
ROOMS = ["test_convolution.py", "test_pooling.py", "test_normalization.py", "test_recurrent.py"]


@pytest.mark.soak
@pytest.mark.skipif(not native.status().present, reason="then all tests run without them")
def test_operations_agree_without_the_native_kernels_too():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not soak", "-p", "no:cacheprovider", *ROOMS],
        cwd=HERE,
        env=os.environ | {"MAEUM_NATIVE": "0"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-3000:]


def test_layers_work_without_the_native_kernels():
    code = (
        "import numpy as np\n"
        "from maeum import layers as L\n"
        "x = np.ones((2, 6, 6, 3), np.float32)\n"
        "x = L.MaxPooling2D()(L.BatchNormalization()(L.Conv2D(4, 3)(x)))\n"
        "x = L.LayerNormalization()(L.LSTM(3, return_sequences=True)(L.Reshape((4, 4))(x)))\n"
        "print(L.MultiHeadAttention(1, 2)(x, x).shape)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"MAEUM_NATIVE": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "(2, 4, 3)"


def test_it_is_told_why_there_are_none():
    code = "from maeum import native; print(native.status().present, native.status().reason)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"MAEUM_NATIVE": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "False turned off by MAEUM_NATIVE=0"
