"""Writing token by token, beside the whole network, exhaustive search and NumPy."""

import itertools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.applications import GPT
from maeum.core.errors import ConfigError, DataError
from maeum.language import Decoder, Sampling, beam_search, decoder_of, generate, stream
from maeum.layers import GRU, LSTM, Bidirectional, Conv1D, Dense, Embedding, SimpleRNN

WORDS = 7


def recurrent(*layers, softmax=True):
    return mm.Sequential(
        [
            mm.Input((None,), dtype="int32"),
            Embedding(WORDS, 5),
            *layers,
            Dense(WORDS, activation="softmax" if softmax else None),
        ],
        seed=3,
    )


def lstm():
    return recurrent(LSTM(6, return_sequences=True), LSTM(4, return_sequences=True))


def gpt():
    return GPT(WORDS, max_length=12, layers=2, width=8, heads=2, dropout=0.0)


NETWORKS = {
    "lstm": lstm,
    "gru, logits": lambda: recurrent(GRU(6, return_sequences=True), softmax=False),
    "one output": lambda: recurrent(SimpleRNN(6)),
    "gpt": gpt,
}


def sharpened(model):
    """Return a model whose answers differ clearly from token to token."""
    random = np.random.default_rng(0)
    model.set_weights([w + random.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def answers(model, text):
    """Return what the whole network says behind each token of a text."""
    if len(model.output_shape) == 2:
        ends = [model(np.array([text[: n + 1]])) for n in range(len(text))]
        return np.concatenate(ends).astype(np.float64)
    # What comes later changes nothing, and one length is compiled once.
    filled = np.zeros((1, 12), np.int32)
    filled[0, : len(text)] = text
    return np.asarray(model(filled), np.float64)[0, : len(text)]


def last(model, tokens):
    return answers(model, tokens)[-1]


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    return sharpened(NETWORKS[request.param]())


@pytest.fixture(scope="module")
def small():
    return sharpened(lstm())


def test_greedy_text_is_what_the_whole_network_says_each_time(network):
    prompts = [[1], [2, 3, 4], [5, 0]]
    made = generate(decoder_of(network), prompts, 6, temperature=0)
    for prompt, new in zip(prompts, made):
        said = answers(network, [*prompt, *new]).argmax(axis=1)
        assert new == said[len(prompt) - 1 : -1].tolist()
        assert len(new) == 6


def test_the_same_seed_gives_the_same_text_and_another_one_another(small):
    decoder = decoder_of(small)
    first, second = (generate(decoder, [[1], [1]], 30, seed=5) for _ in range(2))
    assert first == second
    assert first[0] != first[1]  # every row draws for itself
    assert generate(decoder, [[1], [1]], 30, seed=6) != first


def test_a_row_does_not_depend_on_what_stands_beside_it(small):
    decoder = decoder_of(small)
    alone = generate(decoder, [[1, 2]], 12, seed=5)
    assert generate(decoder, [[1, 2], [3], [4, 4, 4, 4]], 12, seed=5)[0] == alone[0]


@pytest.mark.parametrize("every", [1, 3, None])
def test_streamed_pieces_make_the_same_text(network, every):
    decoder = decoder_of(network)
    prompts = [[1], [2, 3, 4]]
    made = [[], []]
    for new in stream(decoder, prompts, 8, seed=2, every=every):
        made = [a + b for a, b in zip(made, new)]
    assert made == generate(decoder, prompts, 8, seed=2)


@pytest.fixture
def compiled():
    """Count what JAX compiles: a list that gets longer with every program."""
    programs = []

    def count(event, _seconds, **_details):
        if "backend_compile" in event:
            programs.append(event)

    jax.monitoring.register_event_duration_secs_listener(count)
    yield programs
    jax.monitoring.unregister_event_duration_listener(count)


def everything(decoder, length=3, heat=0.5, k=2):
    """Write greedily, freely, within limits, in pieces and with beams."""
    return [
        generate(decoder, [[1]], length, temperature=0),
        generate(decoder, [[1]], length, temperature=heat, seed=0),
        generate(decoder, [[1]], length, temperature=heat, top_k=k, top_p=heat / 3, seed=0),
        list(stream(decoder, [[2, 3]], length, seed=length)),
        beam_search(decoder, [[1]], length, width=2, length_penalty=heat),
    ]


def custom():
    table = jnp.log(jnp.array([[0.1, 0.5, 0.3, 0.1], [0.4, 0.3, 0.2, 0.1]] * 2))
    return Decoder(lambda v, t, s, p: (v[t], s), lambda rows, length: (), lambda: table, 4)


@pytest.mark.parametrize("make", [lambda: decoder_of(lstm()), custom], ids=["model", "step"])
def test_settings_and_lengths_change_without_a_new_compilation(make, compiled):
    decoder = make()
    first = everything(decoder)
    before = len(compiled)
    for length, heat, k in ((17, 1.5, 3), (40, 2.5, 4)):
        assert everything(decoder, length, heat, k) != first
    assert len(compiled) == before


@pytest.mark.parametrize("name", ["lstm", "gpt"])
def test_a_second_network_of_the_same_architecture_compiles_nothing_and_writes_its_own(
    name, compiled
):
    first, second = NETWORKS[name](), sharpened(NETWORKS[name]())
    everything(decoder_of(first))
    before = len(compiled)
    [greedy], *_ = everything(decoder_of(second))
    assert len(compiled) == before
    text = [1, *greedy]
    assert greedy == answers(second, text).argmax(axis=1)[:-1].tolist()


def test_a_network_that_was_trained_on_writes_what_it_says_now(small):
    model = lstm()
    decoder = decoder_of(model)
    generate(decoder, [[1]], 8, temperature=0)
    model.set_weights(small.get_weights())
    assert generate(decoder, [[1]], 8, temperature=0) == generate(
        decoder_of(small), [[1]], 8, temperature=0
    )


@pytest.mark.parametrize("make", [lambda: decoder_of(lstm()), custom], ids=["model", "step"])
def test_tokens_that_are_never_to_be_written_are_not(make):
    decoder = replace(make(), never=(1,))
    [free], [[beam]] = generate(decoder, [[0]], 60, seed=0), beam_search(decoder, [[0]], 9, width=1)
    assert 1 not in free
    assert 1 not in beam.tokens


def test_an_end_token_ends_its_row_only(small):
    decoder = decoder_of(small)
    free = generate(decoder, [[1], [4]], 20, seed=1)
    end = next(t for t in free[0] if free[0].index(t) != (free[1].index(t) if t in free[1] else -1))
    made = generate(decoder, [[1], [4]], 20, seed=1, end=end)
    for row, whole in zip(made, free):
        assert row == (whole[: whole.index(end)] if end in whole else whole)


def test_texts_longer_than_the_positions_go_on_from_their_later_half():
    model = sharpened(gpt())
    decoder = decoder_of(model)
    [made] = generate(decoder, [[1, 2]], 40, temperature=0)
    assert len(made) == 40
    text = [1, 2, *made[:11]]  # the token behind position 12 is still seen with all of them
    assert text[12] == last(model, text[:12]).argmax()
    [long] = generate(decoder, [[1] * 30], 3, temperature=0)
    assert long[0] == last(model, [1] * 6).argmax()


@settings(max_examples=25)
@given(
    st.integers(0, 10**6),
    st.integers(1, 9),
    st.floats(0.05, 1.0),
    st.floats(0.2, 3.0),
)
def test_limits_keep_the_tokens_that_numpy_keeps(seed, k, p, temperature):
    logits = np.random.default_rng(seed).normal(0, 2, 8).astype(np.float32)
    kept = np.isfinite(Sampling(temperature, k, p).limited(logits))
    scaled = logits.astype(np.float64) / temperature
    chances = np.exp(scaled - scaled.max())
    chances /= chances.sum()
    order = np.argsort(-chances)
    sums = np.concatenate([[0], np.cumsum(chances[order])[:-1]])
    if np.abs(sums[1:] - p).min() < 1e-4:
        return  # on the very edge float32 may differ
    expected = np.zeros(8, bool)
    expected[order[: min(k, 8)]] = sums[: min(k, 8)] < p
    expected[order[0]] = True
    np.testing.assert_array_equal(kept, expected)


def test_draws_follow_the_probabilities():
    chances = np.array([0.5, 0.3, 0.15, 0.05])
    table = jnp.tile(jnp.log(jnp.asarray(chances)), (4, 1))
    decoder = Decoder(lambda v, t, s, p: (v[t], s), lambda r, n: (), lambda: table, 4)
    [made] = generate(decoder, [[0]], 4000, seed=0)
    np.testing.assert_allclose(np.bincount(made, minlength=4) / 4000, chances, atol=0.03)
    [made] = generate(decoder, [[0]], 4000, seed=0, temperature=2.0, top_k=3)
    roots = np.sqrt(chances[:3])
    np.testing.assert_allclose(
        np.bincount(made, minlength=4) / 4000, [*roots / roots.sum(), 0], atol=0.03
    )


# ---- beam search ---------------------------------------------------------------------------------


def every_text(model, prompt, length, end):
    """Yield all texts that end, or have the whole length, with the log of their probability."""
    chances = {}

    def log_chance(text):
        if text not in chances:
            chances[text] = np.log(last(model, list(text)))
        return chances[text]

    for n in range(1, length + 1):
        for new in itertools.product(range(WORDS), repeat=n):
            ended = end is not None and new[-1] == end
            if (end is not None and end in new[:-1]) or not (ended or n == length):
                continue
            text, score = tuple(prompt), 0.0
            for token in new:
                score += log_chance(text)[token]
                text += (token,)
            yield list(new), score


@pytest.mark.parametrize(("end", "penalty"), [(None, 0.0), (3, 0.0), (3, 1.0)])
def test_a_beam_as_wide_as_all_texts_finds_the_best_ones(small, end, penalty):
    decoder = decoder_of(small)
    prompts = [[1], [2, 5]]
    found = beam_search(decoder, prompts, 3, width=WORDS**2, length_penalty=penalty, end=end)
    for prompt, beams in zip(prompts, found):
        texts = sorted(
            every_text(small, prompt, 3, end),
            key=lambda t: -t[1] / ((5 + len(t[0])) / 6) ** penalty,
        )
        for beam, (tokens, score) in list(zip(beams, texts))[:10]:
            assert beam.tokens == [t for t in tokens if t != end]
            assert beam.score == pytest.approx(score, abs=1e-4)


def test_a_beam_of_width_1_is_greedy(network):
    decoder = decoder_of(network)
    prompts = [[1], [2, 3, 4]]
    found = beam_search(decoder, prompts, 6, width=1)
    assert [beams[0].tokens for beams in found] == generate(decoder, prompts, 6, temperature=0)


def test_beams_of_attention_carry_their_own_past(network):
    prompt = [1, 2]
    [beams] = beam_search(decoder_of(network), [prompt], 4, width=3)
    for beam in beams:
        said = answers(network, prompt + beam.tokens)[1:-1]
        if (said < 0).any():  # logits
            said = np.exp(said) / np.exp(said).sum(axis=1, keepdims=True)
        score = np.log(said[np.arange(4), beam.tokens]).sum()
        assert beam.score == pytest.approx(score, abs=1e-3)


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ([], "no prompt"),
        ([[]], "Prompt 0 is empty"),
        ([[1], [7]], "Prompt 1 has the token 7; there are 0 to 6"),
        ([[-1]], "token -1"),
        ([[0.5]], "whole numbers"),
        ("hi", "list of lists"),
    ],
)
def test_prompts_that_cannot_be_used(small, prompts, said):
    for call in (generate, beam_search):
        with pytest.raises(DataError, match=said):
            call(decoder_of(small), prompts, 3)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": -1},
        {"temperature": float("nan")},
        {"top_k": 0},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"length": 0},
        {"end": 7},
    ],
)
def test_options_that_make_no_sense(small, options):
    with pytest.raises(ConfigError):
        generate(decoder_of(small), [[1]], **{"length": 3, **options})


def test_networks_that_cannot_write_are_refused():
    both = recurrent(Bidirectional(LSTM(3, return_sequences=True)))
    with pytest.raises(ConfigError, match="token by token"):
        decoder_of(sharpened(both))
    wide = recurrent(Conv1D(4, 3, padding="causal"), LSTM(3, return_sequences=True))
    with pytest.raises(ConfigError, match="token by token"):
        decoder_of(sharpened(wide))
    stateful = mm.Sequential(
        [
            mm.Input(batch_shape=(1, None), dtype="int32"),
            Embedding(WORDS, 5),
            LSTM(4, return_sequences=True, stateful=True),
            Dense(WORDS),
        ]
    )
    with pytest.raises(ConfigError, match="stateful=False"):
        decoder_of(stateful)


def test_a_beam_beyond_the_positions_is_refused():
    with pytest.raises(ConfigError, match="takes 12 positions"):
        beam_search(decoder_of(gpt()), [[1, 2]], 12)


def test_networks_of_one_length_say_how_they_could_write():
    fixed = mm.Sequential(
        [mm.Input((6,)), Embedding(5, 4), GRU(4, return_sequences=True), Dense(5)]
    )
    with pytest.raises(ConfigError, match=r"texts of 6 tokens only.*Input\(\(None,\)\)"):
        decoder_of(fixed)


@pytest.mark.parametrize("end", ["a", 1.5, True, 9, -1])
def test_an_end_that_is_not_a_token_is_refused(small, end):
    with pytest.raises(ConfigError, match="end is a token"):
        generate(decoder_of(small), [[1]], 3, end=end)


@pytest.mark.parametrize("penalty", ["x", None, float("nan"), -1])
def test_a_length_penalty_is_a_number(small, penalty):
    with pytest.raises(ConfigError, match="length_penalty"):
        beam_search(decoder_of(small), [[1]], 3, length_penalty=penalty)
