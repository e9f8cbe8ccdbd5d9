"""The room gives its names when they are asked for, and imports nothing before."""

import subprocess
import sys
from types import ModuleType

import pytest

from maeum import applications

CODE = """
import sys, maeum, maeum.applications as room

def loaded():
    modules = {name.removeprefix("maeum.applications.") for name in sys.modules}
    return sorted(modules & set(room.__all__))

print(loaded())
from maeum.applications import VGG16
from maeum.applications.xception import Xception
print(loaded())
"""


def test_a_network_is_imported_when_it_is_first_used():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    before, after = map(eval, done.stdout.splitlines())
    assert before == []
    assert after == ["imagenet_utils", "vgg16", "xception"]


def test_every_name_is_there_and_others_are_errors():
    for name in applications.__all__:
        thing = getattr(applications, name)
        assert isinstance(thing, ModuleType) == name.islower()
        assert name in dir(applications)
    with pytest.raises(AttributeError, match=r"no 'EfficientNetB8'\. Did you mean 'EfficientNetB"):
        _ = applications.EfficientNetB8
