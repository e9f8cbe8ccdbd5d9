"""Does a layer of your own keep the contract? `check_layer` tries it out.

Example:
    >>> import maeum as mm
    >>> from maeum.testing import check_layer
    >>> class Scale(mm.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight("factor", (input_shape[-1],), "ones")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> check_layer(Scale)
"""

from maeum.testing.checking import LayerCheckError, check_layer

__all__ = ["LayerCheckError", "check_layer"]
