import jax
import pytest

from maeum.core.scope import Scope


@pytest.fixture(scope="session")
def stream():
    """Count batches of (y_true, y_pred, sample_weight) in compiled programs, as a training does."""

    def run(metric, batches):
        y_true, y_pred, _ = batches[0]
        metric.build(y_true.shape, y_pred.shape)
        variables = metric.variables

        @jax.jit
        def step(values, batch):
            with Scope(dict(zip(variables, values))) as scope:
                metric.update_state(*batch)
                return [scope.updates.get(v, old) for v, old in zip(variables, values)]

        @jax.jit
        def result(values):
            with Scope(dict(zip(variables, values))):
                return metric.result()

        values = [v.value for v in variables]
        for batch in batches:
            values = step(values, batch)
        return result(values)

    return run
