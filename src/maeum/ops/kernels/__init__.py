"""Attention, convolution, pooling, normalization, recurrence, in the machine's fastest way.

`choice` calls the fastest of the modules here. Its functions take arrays with the channels last
(and a `maeum.ops.windows.Window`), and check nothing: `maeum.ops.convolution`, `maeum.ops.pooling`
and `maeum.ops.recurrent` do that before.
"""
