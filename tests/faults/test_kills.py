"""Trainings that are killed at random moments, and end as if nothing had happened."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("train.py")
KINDS = ["table", "images", "sequences", "indexed", "generator"]


def start(kind, folder, result):
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), kind, str(folder), str(result)],
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(kind, folder, result):
    """Run a training to its end; return what it left, and how long it trained."""
    process = start(kind, folder, result)
    process.stdout.readline()
    began = time.perf_counter()
    assert process.wait() == 0
    return json.loads(result.read_text()), time.perf_counter() - began


def kill_and_resume(kind, folder, result, seconds, expected, rng):
    """Kill a training at a random moment, let it go on, and compare."""
    process = start(kind, folder, result)
    process.stdout.readline()
    time.sleep(rng.random() * seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert finish(kind, folder, result)[0] == expected


@pytest.mark.parametrize("kind", ["table", "generator"])  # `make soak` runs all
def test_a_killed_training_ends_as_one_that_was_not(kind, tmp_path):
    expected, seconds = finish(kind, "-", tmp_path / "whole.json")
    result = tmp_path / "resumed.json"
    kill_and_resume(kind, tmp_path / "backup", result, seconds, expected, random.Random(kind))


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_forty_killed_trainings_of_each_kind(kind, tmp_path):
    expected, seconds = finish(kind, "-", tmp_path / "whole.json")
    rng = random.Random(int(os.environ.get("MAEUM_SOAK_SEED", "0")))
    for number in range(40):
        result = tmp_path / f"{number}.json"
        kill_and_resume(kind, tmp_path / f"backup {number}", result, seconds, expected, rng)
