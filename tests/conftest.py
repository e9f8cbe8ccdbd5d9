"""What all tests share: Python's collector of cycles, which tracing wakes too often."""

import gc

# Tracing and compiling make many objects that live on; looking for cycles among them after every
# 700 new ones, as Python does by itself, takes a tenth of the time of the tests.
gc.set_threshold(100_000, 50, 100)
