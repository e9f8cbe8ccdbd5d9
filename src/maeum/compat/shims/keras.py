"""Keras in a process that a script started: Maeum takes its place there, too."""

import sys

import maeum.compat

del sys.modules[__name__]
maeum.compat.install(shadow=True)
import keras  # noqa: E402, F401
