"""The networks of `pictures`, as PyTorch writes them: up to the logits, Keras's normalization.

Where "same" with a stride pads one side more than the other, these pad both sides, as is usual in
PyTorch: the same work.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def normalized(filters: int, epsilon: float = 1e-3) -> nn.Module:
    """Normalize as Keras does: its momentum of 0.99 is called 0.01 here."""
    return nn.BatchNorm2d(filters, eps=epsilon, momentum=0.01)


def cnn(network: Any) -> nn.Module:
    layers: list[nn.Module] = []
    channels = 1
    for filters in (32, 64):
        layers.append(nn.Conv2d(channels, filters, 3))
        layers += [normalized(filters)] if network.normalize else []
        layers += [nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        channels = filters
    layers += [nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(inplace=True)]
    layers += [nn.Dropout(network.dropout)] if network.dropout else []
    return nn.Sequential(*layers, nn.Linear(128, network.classes))


class Rescaling(nn.Module):
    """Bytes become numbers from 0 to 1."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.float().div_(255)


def photo_cnn(network: Any) -> nn.Module:
    layers: list[nn.Module] = [Rescaling()]
    channels = 3
    for filters in (16, 32, 64):
        layers += [nn.Conv2d(channels, filters, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        channels = filters
    layers += [nn.Flatten(), nn.Linear(2304, 64), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.Linear(64, network.classes))


def conv_bn(channels: int, filters: int, size: int, stride: int = 1, bias: bool = True) -> Any:
    return nn.Sequential(
        nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=bias),
        normalized(filters, 1.001e-5),
    )


class Residual(nn.Module):
    """``relu(inner(x) + shortcut(x))``."""

    def __init__(self, inner: nn.Module, shortcut: nn.Module | None = None):
        super().__init__()
        self.inner, self.shortcut = inner, shortcut or nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu_(self.inner(x) + self.shortcut(x))


class SmallResNet(nn.Module):
    """Three stages of five blocks of two 3x3 convolutions."""

    def __init__(self, network: Any):
        super().__init__()
        layers = [conv_bn(1, 16, 3, bias=False), nn.ReLU(inplace=True)]
        channels = 16
        for filters in (16, 32, 64):
            for _ in range(5):
                stride = 1 if channels == filters else 2
                inner = nn.Sequential(
                    conv_bn(channels, filters, 3, stride, bias=False),
                    nn.ReLU(inplace=True),
                    conv_bn(filters, filters, 3, bias=False),
                )
                narrow = conv_bn(channels, filters, 1, 2, bias=False) if stride == 2 else None
                layers.append(Residual(inner, narrow))
                channels = filters
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(channels, network.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x).mean((2, 3)))


class ResNet50(nn.Module):
    """Four stages of bottleneck blocks, with the stride in the first convolution, as in Keras."""

    def __init__(self, network: Any):
        super().__init__()
        layers = [conv_bn(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, padding=1)]
        channels = 64
        for filters, depth in ((64, 3), (128, 4), (256, 6), (512, 3)):
            for i in range(depth):
                stride = 2 if i == 0 and filters > 64 else 1
                inner = nn.Sequential(
                    conv_bn(channels, filters, 1, stride),
                    nn.ReLU(inplace=True),
                    conv_bn(filters, filters, 3),
                    nn.ReLU(inplace=True),
                    conv_bn(filters, 4 * filters, 1),
                )
                wider = conv_bn(channels, 4 * filters, 1, stride) if i == 0 else None
                layers.append(Residual(inner, wider))
                channels = 4 * filters
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(channels, network.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x).mean((2, 3)))


def mobilenet(network: Any) -> nn.Module:
    """Thirteen pairs of a depthwise and a 1x1 convolution."""

    def block(channels: int, filters: int, size: int, stride: int, groups: int) -> list[nn.Module]:
        conv = nn.Conv2d(
            channels, filters, size, stride, padding=size // 2, groups=groups, bias=False
        )
        return [conv, normalized(filters), nn.ReLU6(inplace=True)]

    layers = block(3, 32, 3, 2, 1)
    channels = 32
    widths = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    for number, filters in enumerate(widths, 1):
        layers += block(channels, channels, 3, 2 if number in (2, 4, 6, 12) else 1, channels)
        layers += block(channels, filters, 1, 1, 1)
        channels = filters
    head = [nn.AdaptiveAvgPool2d(1), nn.Dropout(1e-3), nn.Conv2d(channels, network.classes, 1)]
    return nn.Sequential(*layers, *head, nn.Flatten())
