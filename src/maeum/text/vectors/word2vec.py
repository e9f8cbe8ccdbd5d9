"""Word2Vec: words in similar contexts get similar vectors."""

from __future__ import annotations

import os
from typing import Any, TypeVar

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ModelFileError, NotBuiltError
from maeum.text.vectors import formats
from maeum.text.vectors.corpus import Corpus, Sentences, Tokenizer, read_corpus
from maeum.text.vectors.keyed import KeyedVectors
from maeum.text.vectors.problem import Problem, Rows
from maeum.text.vectors.sampling import alias_table, huffman_paths, keep_probabilities
from maeum.text.vectors.settings import check
from maeum.text.vectors.training import padded, run_epoch

Self = TypeVar("Self", bound="Word2Vec")

_NO_SETTINGS = ("self", "unknown", "__class__", "sentences", "tokenizer", "encoding")


class Word2Vec:
    """Vectors from which a word's neighbours can be predicted (Mikolov et al., 2013).

    The skip-gram (``sg=1``) predicts the word in the middle from each word around it, the
    continuous bag of words (``sg=0``) from their mean. Negative sampling distinguishes the
    word from a few that are drawn at random; hierarchical softmax (``hs=1``) predicts its path
    through a binary tree. Arguments and defaults are gensim's.

    With ``workers=1`` the vectors are a function of the text, the settings and the seed. More
    threads write to the same vectors without waiting for each other, so two runs differ slightly.

    Args:
        sentences: the path of a text file (a line is a sentence), or an iterable of texts or of
            lists of words. It is read once. Without it, call `build_vocab` and `train` later.
        vector_size: dimensions.
        window: how many words on each side count as neighbours, at most.
        min_count: words that occur less often are ignored.
        sg: 1 for the skip-gram, 0 for the bag of words.
        negative: how many words are drawn for each prediction; 0 for none.
        hs: 1 for hierarchical softmax (beside negative sampling, if ``negative`` is not 0).
        ns_exponent: a word is drawn in proportion to its count to this power.
        sample: words that are more than about this fraction of the text are skipped at random;
            see `maeum.text.vectors.sampling.keep_probabilities`. 0 skips none.
        alpha: learning rate at the beginning.
        min_alpha: at the end; it falls linearly.
        epochs: the number of passes over the text.
        workers: threads.
        seed: of everything that is drawn.
        cbow_mean: 1 for the mean, 0 for the sum of the neighbours. Either way each neighbour moves
            by the whole error of the prediction, as in the authors' program.
        shrink_windows: whether each word's window is drawn from 1 to ``window``, so that near
            neighbours count more.
        max_final_vocab: the largest number of words, the most frequent ones.
        compute_loss: whether ``losses`` are kept: the mean loss of a prediction, for each epoch.
        tokenizer: a function from a text to its words; by default, words in lower case.
        encoding: of the file.

    Attributes:
        wv: the words and their vectors: `KeyedVectors`.
        losses: one for each epoch, if ``compute_loss``.

    Raises:
        ConfigError: for a setting that makes no sense.
        DataError: if there is no text, or no word in it often enough.

    Example:
        >>> model = Word2Vec([["fish", "swim"], ["birds", "fly"]] * 50, min_count=1, workers=1)
        >>> model.wv["fish"].shape, model.wv.index_to_key
        ((100,), ['fish', 'swim', 'birds', 'fly'])
    """

    def __init__(
        self,
        sentences: Sentences = None,
        *,
        vector_size: int = 100,
        window: int = 5,
        min_count: int = 5,
        sg: int = 0,
        negative: int = 5,
        hs: int = 0,
        ns_exponent: float = 0.75,
        sample: float = 1e-3,
        alpha: float = 0.025,
        min_alpha: float = 0.0001,
        epochs: int = 5,
        workers: int = 2,
        seed: int = 1,
        cbow_mean: int = 1,
        shrink_windows: bool = True,
        max_final_vocab: int | None = None,
        compute_loss: bool = False,
        tokenizer: Tokenizer | None = None,
        encoding: str = "utf-8",
        **unknown: Any,
    ):
        settings = {k: v for k, v in locals().items() if k not in _NO_SETTINGS}
        check(type(self).__name__, settings, unknown)
        self._settings = settings
        self.tokenizer, self.encoding = tokenizer, encoding
        self.vector_size, self.window, self.shrink_windows = vector_size, window, shrink_windows
        self.min_count, self.max_final_vocab, self.sample = min_count, max_final_vocab, sample
        self.sg, self.cbow_mean, self.hs = sg, cbow_mean, hs
        self.negative, self.ns_exponent = negative, ns_exponent
        self.alpha, self.min_alpha, self.epochs = alpha, min_alpha, epochs
        self.workers, self.seed, self.compute_loss = workers, seed, compute_loss
        self.losses: list[float] = []
        self._corpus: Corpus | None = None
        self._problem: Problem | None = None
        self._trained_epochs = 0
        if sentences is not None:
            self._learn(sentences)

    # ---- Learning ---------------------------------------------------------------------------

    def _learn(self, sentences: Sentences) -> None:
        self.build_vocab(sentences)
        self._run(self._built(), self.epochs, self.alpha, self.min_alpha)
        self._corpus = None  # the text need not stay in memory

    def build_vocab(self, sentences: Sentences) -> None:
        """Read the text, choose the words, and give each a vector drawn at random.

        Raises:
            DataError: if there is no text, or no word in it often enough.
        """
        how = self.tokenizer, self.encoding
        self._corpus = read_corpus(sentences, self.min_count, self.max_final_vocab, *how)
        self._words, self._counts = self._corpus.vocabulary, self._corpus.counts
        self._problem = self._make_problem()
        inputs, generator = self._problem.input, np.random.default_rng(self.seed)
        inputs[:] = generator.uniform(-1, 1, inputs.shape) * self._spread() / self.vector_size
        self._trained_epochs, self.losses = 0, []
        self._update()

    def _make_problem(self) -> Problem:
        """Return what is learnt for the words: as yet, all vectors are zeros."""
        words, size, rows = len(self._words), self.vector_size, self._make_rows()
        threshold, alias = alias_table(np.maximum(self._counts, 1) ** float(self.ns_exponent))
        return Problem(
            input=padded(self._input_rows(), size),
            negative_output=padded(words, size) if self.negative else None,
            path_output=padded(max(words - 1, 1), size) if self.hs else None,
            keep=keep_probabilities(self._counts, self.sample),
            threshold=threshold,
            alias=alias,
            paths=huffman_paths(self._counts) if self.hs else None,
            rows=rows,
            window=self.window,
            negative=self.negative,
            skip_gram=bool(self.sg),
            mean=bool(self.cbow_mean),
            shrink=bool(self.shrink_windows),
        )

    def train(
        self,
        sentences: Sentences = None,
        *,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
    ) -> tuple[int, int]:
        """Learn from a text: the one that `build_vocab` read, or another with the same words.

        Args:
            sentences: see the class; words outside of the vocabulary are ignored. Without it, the
                text of `build_vocab`.
            epochs: the number of passes over the text; the model's unless given.
            start_alpha: learning rate at the beginning, and
            end_alpha: at the end; the model's unless given.
            total_examples: ignored, since the text is counted; accepted as in gensim.
            total_words: likewise.

        Returns:
            How many words were trained on (after skipping frequent ones), and how many were read.

        Raises:
            NotBuiltError: if no text has been read.
            DataError: if no word of the text is known.
        """
        if sentences is None:
            corpus = self._built()
        else:
            if self._problem is None:
                raise NotBuiltError("There is no vocabulary yet; call build_vocab(sentences).")
            corpus = read_corpus(sentences, 1, None, self.tokenizer, self.encoding, self._words)
        epochs = self.epochs if epochs is None else check_whole(epochs, "epochs")
        start = self.alpha if start_alpha is None else start_alpha
        end = self.min_alpha if end_alpha is None else end_alpha
        return self._run(corpus, epochs, start, end), corpus.read * epochs

    def _built(self) -> Corpus:
        if self._corpus is None:
            raise NotBuiltError("There is no text to learn from; give sentences.")
        return self._corpus

    def _run(self, corpus: Corpus, epochs: int, alpha: float, min_alpha: float) -> int:
        assert self._problem is not None
        used = 0
        for epoch in range(epochs):
            now, then = (alpha + (min_alpha - alpha) * e / epochs for e in (epoch, epoch + 1))
            seeds = np.random.SeedSequence([self.seed, self._trained_epochs])
            outcome = run_epoch(
                self._problem, corpus.words, corpus.sentences, (now, then),
                int(seeds.generate_state(1, np.uint64)[0]), self.workers, bool(self.compute_loss),
            )  # fmt: skip
            self._trained_epochs += 1
            used += outcome.words
            if self.compute_loss:
                self.losses.append(outcome.loss / max(outcome.predictions, 1))
        self._update()
        return used

    # ---- What FastText does differently -----------------------------------------------------

    def _make_rows(self) -> Rows | None:
        return None

    def _input_rows(self) -> int:
        return len(self._words)

    def _spread(self) -> float:
        """Return the largest initial value, times the dimensions."""
        return 0.5

    def _update(self) -> None:
        """Make ``wv`` from what was learnt."""
        assert self._problem is not None
        self._wv = KeyedVectors(self._words, self._problem.input, self._counts)

    # ---- Use --------------------------------------------------------------------------------

    @property
    def wv(self) -> KeyedVectors:
        """The words and their vectors.

        Raises:
            NotBuiltError: before a text was read.
        """
        if self._problem is None:
            raise NotBuiltError("There are no words yet; give sentences, or call build_vocab.")
        return self._wv

    def __repr__(self) -> str:
        words = "no words yet" if self._problem is None else f"{len(self._words)} words"
        return f"<{type(self).__name__}: {words}, {self.vector_size} dimensions>"

    def save(self, path: str | os.PathLike) -> None:
        """Write the model to one file, with all that training goes on from.

        The tokenizer, a function, is not in it.
        """
        words = self.wv.index_to_key
        assert self._problem is not None
        about = {
            "kind": type(self).__name__,
            "settings": self._settings,
            "words": words,
            "trained_epochs": self._trained_epochs,
            "losses": self.losses,
        }
        tensors = {"counts": self._counts, **self._problem.matrices()}
        formats.write_archive(path, about, tensors)

    @classmethod
    def load(cls: type[Self], path: str | os.PathLike, tokenizer: Tokenizer | None = None) -> Self:
        """Read what `save` wrote. No file runs code.

        Raises:
            ModelFileError: if the file is not such a file.
        """
        about, tensors = formats.read_archive(path, cls.__name__)
        try:
            model = cls(**about["settings"], tokenizer=tokenizer)
            model._words = list(map(str, about["words"]))
            model._counts = tensors["counts"]
            model._problem = model._make_problem()
            for name, matrix in model._problem.matrices().items():
                if tensors[name].shape != matrix.shape:
                    raise ValueError(f"{name} has shape {tensors[name].shape}")
                matrix[:] = tensors[name]
            model._trained_epochs, model.losses = about["trained_epochs"], about["losses"]
            model._update()
        except (KeyError, ValueError, TypeError) as error:
            raise ModelFileError("{path!r} is damaged: {reason}.", path=str(path),
                                 reason=error) from error  # fmt: skip
        return model
