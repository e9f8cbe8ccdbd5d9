"""What the layers with a vocabulary share: its entries, adapting, saving, looking up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, DataError, nearest
from maeum.layers.checks import title, whole_number
from maeum.layers.layer import Layer
from maeum.text.hashing import bucket

# What Keras's configurations say of layers that have no such arguments.
_OF_KERAS = {"vocabulary_size", "has_input_vocabulary", "oov_method", "vocabulary_dtype"}
_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


class IndexLookup(Layer):
    """Base of the layers with a vocabulary: its entries, adapting, saving, looking up.

    Number 0 is the mask token, if there is one (and in the mode ``"int"`` only); then come
    ``num_oov_indices`` numbers for entries that are not in the vocabulary; then the vocabulary,
    frequent entries first.
    """

    _untracked = Layer._untracked | {"_entries", "_numbers"}  # long, and no layers among them
    fixed_by_build = frozenset(
        {"num_oov_indices", "mask_token", "oov_token", "invert", "output_mode"}
    )
    _entries: list
    _numbers: dict
    _idf: np.ndarray | None
    salt: Any = None  # of the hash by which unknown entries are told apart

    def _set_up(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        sparse: bool,
    ) -> None:
        """Check the arguments that all such layers have, and take the vocabulary."""
        own = type(self).__name__
        if sparse:
            raise ConfigError("{layer} does not return sparse arrays; omit sparse.", layer=own)
        if max_tokens is not None:
            max_tokens = whole_number(max_tokens, "max_tokens", 2, self)
        if pad_to_max_tokens and max_tokens is None:
            raise ConfigError("pad_to_max_tokens=True needs max_tokens.")
        self.max_tokens: Any = max_tokens
        self.num_oov_indices = whole_number(num_oov_indices, "num_oov_indices", of=self)
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert = bool(invert)
        self.output_mode = check_mode(output_mode)
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        if invert and self.output_mode != "int":
            raise ConfigError('invert=True goes with output_mode="int"; got {mode!r}.',
                              mode=output_mode)  # fmt: skip
        self.output_dtype = "int32" if self.output_mode == "int" else "float32"
        self._entries, self._numbers, self._idf = [], {}, None
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
        elif idf_weights is not None:
            raise ConfigError("idf_weights belong to a vocabulary; give both, or adapt the layer.")
        self.built = True

    # ---- the vocabulary --------------------------------------------------------------------------

    @property
    def specials(self) -> list:
        """What comes before the vocabulary: the mask token and those for unknown entries."""
        mask = self.mask_token is not None and self.output_mode == "int"
        return [self.mask_token] * mask + [self.oov_token] * self.num_oov_indices

    def vocabulary_size(self) -> int:
        """Return the number of entries, special ones included."""
        return len(self.specials) + len(self._entries)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """Return the vocabulary in the order of its numbers."""
        return [*(self.specials if include_special_tokens else ()), *self._entries]

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the vocabulary, in place of the former one.

        Args:
            vocabulary: the entries, with all special ones at the beginning or without them; a
                `maeum.text.Vocabulary`; or the path of a text file with one entry a line.
            idf_weights: for the mode ``"tf_idf"``, the inverse document frequency of each.

        Raises:
            ConfigError: if it is empty, too large, or has an entry twice; if weights are missing
                or not wanted.
        """
        entries = self._listed(vocabulary)
        first = len(self.specials)
        found = first > 0 and entries[:first] == self.specials
        own = entries[first:] if found else entries
        self._check_vocabulary(own)
        weights = None
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise ConfigError('A vocabulary needs idf_weights in the mode "tf_idf", and in no '
                              "other; the mode is {output_mode!r}.",
                              output_mode=self.output_mode)  # fmt: skip
        if idf_weights is not None:
            weights = np.asarray(idf_weights, np.float32)
            if weights.shape != (len(entries),):
                raise ConfigError("idf_weights needs one number for each of the {entries} entries; "
                                  "got shape {shape}.", entries=len(entries),
                                  shape=weights.shape)  # fmt: skip
            if not found:
                weights = np.concatenate([np.full(first, weights.mean()), weights])
        self._take(own, weights)

    def _check_vocabulary(self, own: list) -> None:
        if not own:
            raise ConfigError("The vocabulary is empty.")
        [(twice, count)] = Counter(own).most_common(1)
        if count > 1:
            raise ConfigError("The vocabulary has {entry!r} {n} times; each entry may be there "
                              "once.", entry=twice, n=count)  # fmt: skip
        unwanted = [self.mask_token] + [self.oov_token] * self.invert
        wrong = next((token for token in unwanted if token is not None and token in own), None)
        if wrong is not None:
            raise ConfigError("{entry!r} is a special entry. Omit the special entries from the "
                              "vocabulary, or begin it with all of them: {specials}.", entry=wrong,
                              specials=self.specials)  # fmt: skip
        size = len(self.specials) + len(own)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ConfigError("The vocabulary has {size} entries, special ones included, and "
                              "max_tokens is {max_tokens}.", size=size,
                              max_tokens=self.max_tokens)  # fmt: skip

    def _listed(self, vocabulary: Any) -> list:
        """Return the entries of whatever a vocabulary was given as."""
        raise NotImplementedError

    def _take(self, entries: list, idf: np.ndarray | None) -> None:
        size, before = len(self.specials) + len(entries), self.vocabulary_size()
        depends = self.output_mode != "int" and not self.pad_to_max_tokens
        if depends and self._nodes and size != before:
            raise ConfigError("{layer} stands in a model already, which was built for {before} "
                              "entries; the new vocabulary has {size}. Adapt the layer before you "
                              "make the model, or use pad_to_max_tokens=True.", layer=title(self),
                              before=before, size=size)  # fmt: skip
        self._entries, self._idf = entries, idf
        first = len(self.specials)
        self._numbers = {entry: first + i for i, entry in enumerate(entries)}
        if self.mask_token is not None:
            self._numbers[self.mask_token] = 0 if self.output_mode == "int" else -1

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary from data, in place of the former one.

        The most frequent entries come first; among equally frequent ones the last in the order of
        the alphabet, as in Keras.

        Args:
            data: an array, list or column; or batches of them (a generator, a loader, a
                `maeum.text.TextLines`). Of a batch that is a tuple, such as ``(x, y)``, the first
                part counts.
            batch_size: accepted as Keras's.
            steps: of a source of batches, how many to take; all by default.

        Raises:
            DataError: if there is nothing to learn from.
            ConfigError: if ``max_tokens`` leaves no room, or if the layer stands in a model whose
                shapes depend on the size of the vocabulary.
        """
        counts: Counter = Counter()
        present: Counter = Counter()
        documents = 0
        for batch in batches_of(data, steps):
            rows = self._rows(batch)
            for row in rows:
                counts.update(row)
                if self.output_mode == "tf_idf":
                    present.update(set(row))
            documents += len(rows)
        for special in (self.mask_token, self.oov_token):
            counts.pop(special, None)
        if not counts:
            raise DataError("{layer}.adapt found nothing to learn from: there are no rows, or only "
                            "empty ones.", layer=type(self).__name__)  # fmt: skip
        ranked = sorted(counts, key=lambda entry: (counts[entry], entry), reverse=True)
        first = len(self.specials)
        if self.max_tokens is not None:
            if self.max_tokens <= first:
                raise ConfigError("max_tokens counts the {first} special entries, too; "
                                  "{max_tokens} leaves no room for others.", first=first,
                                  max_tokens=self.max_tokens)  # fmt: skip
            ranked = ranked[: self.max_tokens - first]
        idf = None
        if self.output_mode == "tf_idf":
            idf = np.log(1 + documents / (1 + np.array([present[entry] for entry in ranked])))
            idf = np.concatenate([np.full(first, idf.mean()), idf]).astype(np.float32)
        self._take(ranked, idf)

    def _rows(self, batch: Any) -> list[list]:
        """Return the entries of each row of a batch."""
        raise NotImplementedError

    # ---- what is kept ----------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this layer, with what it learned."""
        config = super().get_config()
        config["vocabulary"] = self.get_vocabulary() if self._entries else None
        config["idf_weights"] = None if self._idf is None else self._idf.tolist()
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        if isinstance(config.get("vocabulary"), str):
            raise ConfigError("A configuration holds the vocabulary itself; this one names a file, "
                              "which is not opened on behalf of another file.")  # fmt: skip
        known = accepted_arguments(cls)  # type: ignore[arg-type]
        return super().from_config(
            {key: v for key, v in config.items() if key in known or key not in _OF_KERAS}
        )

    # ---- numbers ---------------------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """The size of the outputs of all modes but ``"int"``."""
        if self.pad_to_max_tokens:
            return self.max_tokens
        self._require_vocabulary()
        return self.vocabulary_size()

    def _require_vocabulary(self) -> None:
        if not self._entries:
            raise ConfigError("{layer} has no vocabulary yet. Call adapt(data), or give it one: "
                              "vocabulary=[...].", layer=title(self))  # fmt: skip

    def lookup(self, entries: Iterable[Hashable]) -> list[int]:
        """Return the numbers of entries; -1 for the mask token in modes that exclude it."""
        numbers = self._numbers
        unknown = int(self.output_mode == "int" and self.mask_token is not None)
        if self.num_oov_indices == 1:
            return [numbers.get(entry, unknown) for entry in entries]
        return [numbers[e] if e in numbers else unknown + self._slot(e) for e in entries]

    def _unknown(self, entry: Any) -> DataError:
        return DataError("{entry!r} is not in the vocabulary of the layer {name!r}, and "
                         "num_oov_indices=0 leaves no number for it.{hint}", entry=entry,
                         name=self.name, hint=nearest(entry, map(str, self._entries)))  # fmt: skip

    def _slot(self, entry: Any) -> int:
        """Return which of several numbers an unknown entry gets: always the same one."""
        if not self.num_oov_indices:
            raise self._unknown(entry)
        return bucket(str(entry), self.num_oov_indices, self.salt)

    def encoded(self, rows: Sequence[Sequence[int]] | np.ndarray) -> np.ndarray:
        """Return one vector for each row of numbers, in all modes but ``"int"``."""
        out = np.zeros((len(rows), self.depth), np.float32)
        for row, numbers in enumerate(rows):
            there = [number for number in numbers if number >= 0]
            if self.output_mode in ("count", "tf_idf"):
                np.add.at(out[row], there, 1.0)
            else:
                out[row, there] = 1.0
        if self._idf is not None:
            out[:, : len(self._idf)] *= self._idf
        return out

    def _encoded_shape(self, shape: tuple) -> tuple:
        """Return the shape of the outputs for numbers of ``shape``."""
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot":
            return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), self.depth)
        return (*shape[:-1], self.depth)

    def _in_mode(self, numbers: np.ndarray) -> np.ndarray:
        """Return an array of numbers in the output mode."""
        if self.output_mode == "int":
            return numbers
        shape = self._encoded_shape(numbers.shape)
        if self.output_mode == "one_hot":
            return self.encoded(numbers.reshape(-1, 1)).reshape(shape)
        width = numbers.shape[-1] if numbers.ndim else 1
        return self.encoded(numbers.reshape(-1, width)).reshape(shape)


def check_mode(mode: Any) -> str:
    """Return an output mode, in its newer spelling, or raise `UnknownNameError`."""
    mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(mode, mode)
    return check_choice(mode, _MODES, "output_mode")


def batches_of(data: Any, steps: int | None = None) -> Iterator[Any]:
    """Yield the batches that ``adapt`` was given: one for an array, a list or a column."""
    whole = isinstance(data, (list, tuple)) or hasattr(data, "__array__")
    if isinstance(data, (str, bytes, dict)) or not (whole or hasattr(data, "__iter__")):
        raise DataError("adapt takes a list or an array, or batches of them; got {data!r:.60}. One "
                        "text alone is given as a list: [text].", data=data)  # fmt: skip
    if whole:
        yield data
        return
    for number, batch in enumerate(data):
        if steps is not None and number >= steps:
            return
        part = batch[0] if isinstance(batch, tuple) else batch
        yield [part] if isinstance(part, (str, bytes)) else part
