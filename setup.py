"""The native kernels, the one part of the package that is compiled; everything else is declared
in pyproject.toml. Without a compiler the package is installed without them, and `maeum info` says
so.
"""

import importlib.util
from pathlib import Path

from setuptools import Extension, setup

SOURCES = Path("src/maeum/native/src")


def extensions() -> list[Extension]:
    """Return the extension, if the headers that it needs (jaxlib's) are there."""
    jaxlib = importlib.util.find_spec("jaxlib")
    if jaxlib is None or not jaxlib.submodule_search_locations:
        return []
    headers = Path(jaxlib.submodule_search_locations[0]) / "include"
    return [
        Extension(
            "maeum.native._kernels",
            sources=sorted(str(path) for path in SOURCES.glob("*.cc")),
            depends=sorted(str(path) for path in SOURCES.glob("*.[hi]*")),
            include_dirs=[str(headers)],
            language="c++",
            extra_compile_args=[
                "-std=c++17",
                "-O3",
                "-ffp-contract=fast",
                "-fno-math-errno",
                "-g0",
            ],
            optional=True,
        )
    ]


setup(ext_modules=extensions())
