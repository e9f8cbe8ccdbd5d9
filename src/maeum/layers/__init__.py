"""Layers, with Keras 3's names, arguments and defaults."""

from maeum.core import registry
from maeum.core.lazy import lazily
from maeum.core.messages import N_
from maeum.layers.activation_layers import ELU, Activation, LeakyReLU, Maxout, PReLU, ReLU, Softmax
from maeum.layers.attention import AdditiveAttention, Attention
from maeum.layers.augmentation import BaseImagePreprocessingLayer, RandomCrop, RandomFlip
from maeum.layers.augmentation_affine import (
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
)
from maeum.layers.augmentation_chains import AugMix, RandAugment
from maeum.layers.augmentation_colors import (
    RandomColorDegeneration,
    RandomColorJitter,
    RandomGrayscale,
    RandomHue,
    RandomSaturation,
)
from maeum.layers.augmentation_mixing import CutMix, MixUp
from maeum.layers.augmentation_tones import (
    AutoContrast,
    ContrastLimitedAdaptiveHistogramEqualization,
    Equalization,
    RandomGaussianBlur,
    RandomInvert,
    RandomPosterization,
    RandomSharpness,
    Solarization,
)
from maeum.layers.augmentation_values import Cutout, RandomBrightness, RandomContrast, RandomErasing
from maeum.layers.augmentation_warps import RandomElasticTransform, RandomPerspective
from maeum.layers.bidirectional import Bidirectional
from maeum.layers.bounding_boxes import MaxNumBoundingBoxes
from maeum.layers.category_encoding import CategoryEncoding
from maeum.layers.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from maeum.layers.convolution import (
    Conv1D,
    Conv2D,
    Conv3D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
)
from maeum.layers.convolution_transposed import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
    Convolution3DTranspose,
)
from maeum.layers.dense import Dense
from maeum.layers.depthwise import (
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from maeum.layers.discretization import Discretization
from maeum.layers.dropout import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from maeum.layers.einsum_dense import EinsumDense
from maeum.layers.embedding import Embedding
from maeum.layers.function import Lambda
from maeum.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from maeum.layers.gru import GRU, CuDNNGRU, GRUCell
from maeum.layers.hashing import HashedCrossing, Hashing
from maeum.layers.input import Input, InputLayer
from maeum.layers.input_spec import InputSpec
from maeum.layers.integer_lookup import IntegerLookup
from maeum.layers.layer import Layer
from maeum.layers.local_response import LocalResponseNormalization
from maeum.layers.lstm import LSTM, CuDNNLSTM, LSTMCell
from maeum.layers.mel_spectrogram import MelSpectrogram
from maeum.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from maeum.layers.multi_head_attention import (
    GroupedQueryAttention,
    GroupQueryAttention,
    MultiHeadAttention,
)
from maeum.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    UnitNormalization,
)
from maeum.layers.ntk import FeatureScale, NTKDense, ParametricActivation
from maeum.layers.numerical_embeddings import (
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    ValueEmbedding,
)
from maeum.layers.padding import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from maeum.layers.pipeline import Pipeline
from maeum.layers.pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from maeum.layers.positions import PositionEmbedding, RotaryEmbedding, SinePositionEncoding
from maeum.layers.preprocessing import CenterCrop, Rescaling, Resizing
from maeum.layers.preprocessing_statistics import Normalization
from maeum.layers.recurrent import RNN
from maeum.layers.reshaping import Flatten, Identity, Masking, Permute, RepeatVector, Reshape
from maeum.layers.residual import CustomScaleLayer, LayerScale, StochasticDepth
from maeum.layers.reversible_embedding import ReversibleEmbedding
from maeum.layers.rms_normalization import RMSNormalization
from maeum.layers.simple_rnn import SimpleRNN, SimpleRNNCell
from maeum.layers.spectral_normalization import SpectralNormalization
from maeum.layers.stacked_rnn_cells import StackedRNNCells
from maeum.layers.stft_spectrogram import STFTSpectrogram
from maeum.layers.string_lookup import StringLookup
from maeum.layers.text_vectorization import TextVectorization
from maeum.layers.time_distributed import TimeDistributed, Wrapper
from maeum.layers.transformer import TransformerDecoder, TransformerEncoder
from maeum.layers.trees import DecisionTrees
from maeum.layers.upsampling import UpSampling1D, UpSampling2D, UpSampling3D

__all__ = [
    "ELU", "GRU", "LSTM", "RNN", "Activation", "ActivityRegularization", "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D", "Add", "AdditiveAttention", "AlphaDropout",
    "Attention", "AugMix", "AutoContrast", "Average", "AveragePooling1D", "AveragePooling2D",
    "AveragePooling3D", "AvgPool1D", "AvgPool2D", "AvgPool3D", "BaseImagePreprocessingLayer",
    "BatchNormalization", "Bidirectional", "CategoryEncoding", "CenterCrop", "Concatenate",
    "ContrastLimitedAdaptiveHistogramEqualization", "Conv1D", "Conv1DTranspose", "Conv2D",
    "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
    "Convolution1D", "Convolution1DTranspose", "Convolution2D", "Convolution2DTranspose",
    "Convolution3D", "Convolution3DTranspose", "Cropping1D", "Cropping2D", "Cropping3D", "CuDNNGRU",
    "CuDNNLSTM", "CustomScaleLayer", "CutMix", "Cutout", "DecisionTrees", "Dense",
    "DepthwiseConv1D", "DepthwiseConv2D", "Discretization", "Dot", "Dropout", "EinsumDense",
    "Embedding", "Equalization", "FeatureScale", "Flatten", "GRUCell", "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalAvgPool1D",
    "GlobalAvgPool2D", "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D",
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "GroupNormalization",
    "GroupQueryAttention", "GroupedQueryAttention", "HashedCrossing", "Hashing", "Identity",
    "Input", "InputLayer", "InputSpec", "IntegerLookup", "LSTMCell", "Lambda", "Layer",
    "LayerNormalization", "LayerScale", "LeakyReLU", "LocalResponseNormalization", "Masking",
    "MaxNumBoundingBoxes", "MaxPool1D", "MaxPool2D", "MaxPool3D", "MaxPooling1D", "MaxPooling2D",
    "MaxPooling3D", "Maximum", "Maxout", "MelSpectrogram", "Minimum", "MixUp", "MultiHeadAttention",
    "Multiply", "NTKDense", "Normalization", "PReLU", "ParametricActivation", "PeriodicEmbedding",
    "Permute", "PiecewiseLinearEmbedding", "Pipeline", "PositionEmbedding", "RMSNormalization",
    "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter",
    "RandomContrast", "RandomCrop", "RandomElasticTransform", "RandomErasing", "RandomFlip",
    "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
    "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
    "RandomTranslation", "RandomZoom", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Resizing",
    "ReversibleEmbedding", "RotaryEmbedding", "STFTSpectrogram", "SeparableConv1D",
    "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D", "SimpleRNN",
    "SimpleRNNCell", "SinePositionEncoding", "Softmax", "Solarization", "SpatialDropout1D",
    "SpatialDropout2D", "SpatialDropout3D", "SpectralNormalization", "StackedRNNCells",
    "StochasticDepth", "StringLookup", "Subtract", "TextVectorization", "TimeDistributed",
    "TransformerDecoder", "TransformerEncoder", "UnitNormalization", "UpSampling1D", "UpSampling2D",
    "UpSampling3D", "ValueEmbedding", "Wrapper", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
    "add", "average", "concatenate", "deserialize", "dot", "maximum", "minimum", "multiply",
    "serialize", "subtract",
]  # fmt: skip

_CLASSES = {c.__name__: registry.builtin(c) for c in registry.public_classes(globals(), Layer)}
serialize, deserialize = registry.Family(N_("layer"), _CLASSES).keras_functions()

__getattr__, __dir__ = lazily(__name__, {})
