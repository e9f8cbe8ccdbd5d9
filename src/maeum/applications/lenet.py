"""LeNet-5 (LeCun et al., 1998): the convolutional network that read cheques."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import lenet_pixels as preprocess_input
from maeum.layers import AveragePooling2D, Conv2D, Dense, Flatten
from maeum.models import Model

__all__ = ["LeNet5", "decode_predictions", "preprocess_input"]


@network("lenet5", size=32, least=28, channels=1, fixed=True, classes=10)
def LeNet5(frame: Frame) -> Model:
    """Make LeNet-5 in its usual form: 61,706 parameters.

    Images of 32x32x1 unless given. Images of fewer rows, such as the 28x28x1 of MNIST (at
    least 28x28), are padded in the first convolution, which comes to the same and has as many
    parameters. Source: "Gradient-based learning applied to document recognition", 1998.

    The usual form differs from the paper's in four points: every map of C3 sees all six maps of
    S2; pooling has no parameters of its own; the activation is a plain tanh; and the output is
    a dense layer with softmax in place of radial basis functions.

    Example:
        >>> LeNet5().count_params()
        61706
        >>> LeNet5(input_shape=(28, 28, 1)).count_params()
        61706
    """
    rows = frame.image.shape[1]
    padding = "same" if rows is not None and rows < 32 else "valid"
    x = Conv2D(6, 5, padding=padding, activation="tanh", name="c1")(frame.image)
    x = AveragePooling2D(2, name="s2")(x)
    x = Conv2D(16, 5, activation="tanh", name="c3")(x)
    x = AveragePooling2D(2, name="s4")(x)

    def top(x: Any) -> Any:
        x = Flatten(name="flatten")(x)
        x = Dense(120, activation="tanh", name="c5")(x)
        x = Dense(84, activation="tanh", name="f6")(x)
        return frame.classifier(x)

    return frame.model(x, top)
