"""TensorFlow in a process that a script started: Maeum takes its place there, too.

The folder of this file is on the path of a script, so that such a process finds it.
"""

import sys

import maeum.compat

if __name__ == "tensorflow":
    del sys.modules[__name__]
    maeum.compat.install(shadow=True)
    import tensorflow  # noqa: F401
