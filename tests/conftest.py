"""What all tests share: one language, programs that compile soon, less looking for cycles."""

import gc
import os
import signal
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import settings

# Tests compile thousands of small programs and run each once or twice: without the expensive passes
# of the compiler they take half the time. `make soak` sets the flags to nothing, and so compiles as
# users do. The flags are those of jaxlib 0.10; one that does not know them would refuse to run.
if version("jaxlib").startswith("0.10."):
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false "
        "--xla_llvm_disable_expensive_passes=true --xla_cpu_parallel_codegen_split_count=1",
    )

# No test asserts a time; the first example of a test often compiles.
settings.register_profile("maeum", deadline=None)
settings.load_profile("maeum")

os.environ["MAEUM_LANGUAGE"] = "en"  # whatever the machine speaks
os.environ.setdefault("KERAS_BACKEND", "jax")  # what others are compared with computes by JAX, too

# A process that was started in the background may have been told to ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Tracing and compiling make many objects that live on; looking for cycles among them after every
# 700 new ones, as Python does by itself, takes a tenth of the time of the tests.
gc.set_threshold(100_000, 50, 100)

# Slow tests of many cases: `make test` runs every third one of them, `make soak` the others.
THINNED = {
    "applications/test_against_keras.py::test_small_members_of_a_family_are_keras_s",
    "applications/test_frame.py::test_the_smallest_pictures_work_and_smaller_ones_are_refused",
    "applications/test_parameter_counts.py::"
    "test_the_network_has_as_many_parameters_as_keras_s_and_computes_none",
    "language/test_decoding.py::test_greedy_text_is_what_the_whole_network_says_each_time",
    "layers/test_augmentation.py::test_the_contract_of_layers_is_kept",
    "layers/test_augmentation_colors.py::test_called_by_hand_they_augment_and_in_predict_they_do_not",
    "layers/test_augmentation_colors.py::"
    "test_each_image_has_a_change_of_its_own_which_follows_from_the_key",
    "layers/test_augmentation_colors.py::test_fixed_changes_are_those_of_keras",
    "layers/test_augmentation_colors.py::test_one_image_and_channels_first_are_taken",
    "layers/test_masks_of_all.py::test_ops_on_each_step_keep_the_mask_and_no_padding_gets_in",
    "losses/test_against_keras.py::test_values_and_gradients_equal_those_of_keras",
    "metrics/test_against_keras.py::test_streamed_values_equal_those_of_keras",
    "ops/kernels/test_matmul.py::test_the_dtype_stays_and_sums_are_made_in_float32",
    "ops/kernels/test_recurrence.py::test_every_number_of_rows_in_a_tile",
    "ops/kernels/test_recurrence.py::test_second_derivatives_agree_with_finite_differences",
    "ops/test_against_keras.py::test_images",
    "optimizers/test_trajectories.py::test_drawn_hyper_parameters_go_where_keras_goes",
    "saving/test_keras_weights.py::TestNames::"
    "test_names_that_count_on_from_model_to_model_mean_nothing",
    "test_testing.py::test_layers_keep_the_contract",
    "training/test_against_keras.py::test_twenty_steps_go_where_keras_goes",
    "training/test_truncation.py::test_stretches_are_steps_that_carry_the_states",
}


def pytest_collection_modifyitems(items):
    """Leave two of three cases of slow tests to `make soak`."""
    seen: dict[str, int] = {}
    for item in items:
        name = item.nodeid.partition("[")[0].removeprefix("tests/")
        if name in THINNED:
            seen[name] = seen.get(name, -1) + 1
            if seen[name] % 3:
                item.add_marker(pytest.mark.soak)


@pytest.fixture
def write(tmp_path):
    """Write a file of text or bytes and return its path."""

    def write(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def public_data(monkeypatch):
    """Return the path of a public file or folder, such as ``tabular/churn_data.csv``.

    They are in the folder that ``MAEUM_DATA`` names, or in one beside the repository. Where there
    is no such folder the test is skipped, and the end of the run says so.
    """
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MAEUM_DATA", beside))
    if not folder.is_dir():
        pytest.skip("needs public data: the folder that MAEUM_DATA names")
    monkeypatch.setenv("MAEUM_DATA", str(folder))
    return folder.joinpath
