"""What a network sees: its filters and feature maps, and the pixels that mattered to it."""

from maeum.inspect.attributions import gradient_saliency, input_gradients, integrated_gradients
from maeum.inspect.grad_cam import grad_cam
from maeum.inspect.maps import feature_maps, filters
from maeum.inspect.occlusion import occlusion

__all__ = [
    "feature_maps",
    "filters",
    "grad_cam",
    "gradient_saliency",
    "input_gradients",
    "integrated_gradients",
    "occlusion",
]
