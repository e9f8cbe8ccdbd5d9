"""Models that make: they learn what data look like."""

from maeum.core.lazy import lazily
from maeum.generative.autoencoder import Autoencoder, DenoisingAutoencoder
from maeum.generative.collapse import CollapseDetector, CollapseWarning
from maeum.generative.conditional_vae import ConditionalVAE
from maeum.generative.dbn import DeepBeliefNetwork
from maeum.generative.gan import GAN, RelativisticGAN, WassersteinGAN
from maeum.generative.noise import MaskingNoise, SaltAndPepperNoise
from maeum.generative.rbm import RBM
from maeum.generative.sparsity import KLSparsity
from maeum.generative.vae import VAE, BetaWarmUp

__all__ = [
    "GAN",
    "RBM",
    "VAE",
    "Autoencoder",
    "BetaWarmUp",
    "CollapseDetector",
    "CollapseWarning",
    "ConditionalVAE",
    "DeepBeliefNetwork",
    "DenoisingAutoencoder",
    "KLSparsity",
    "MaskingNoise",
    "RelativisticGAN",
    "SaltAndPepperNoise",
    "SampleHistory",
    "WassersteinGAN",
    "write_report",
]

# The page needs what the extra "report" brings.
_LATER = {
    "maeum.generative.page": ("write_report",),
    "maeum.generative.gan_figures": ("SampleHistory",),
}
__getattr__, __dir__ = lazily(__name__, _LATER)
