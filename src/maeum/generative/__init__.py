"""Models that make: they learn what data look like, without labels."""

from maeum.generative.autoencoder import Autoencoder, DenoisingAutoencoder
from maeum.generative.dbn import DeepBeliefNetwork
from maeum.generative.noise import MaskingNoise, SaltAndPepperNoise
from maeum.generative.rbm import RBM
from maeum.generative.sparsity import KLSparsity
from maeum.generative.vae import VAE, BetaWarmUp

__all__ = [
    "RBM",
    "VAE",
    "Autoencoder",
    "BetaWarmUp",
    "DeepBeliefNetwork",
    "DenoisingAutoencoder",
    "KLSparsity",
    "MaskingNoise",
    "SaltAndPepperNoise",
]
