import jax
import pytest

from maeum.core.scope import Scope


@pytest.fixture(scope="session")
def stream():
    """Make the compiled programs of a metric, and return what counts batches with them.

    A batch is (y_true, y_pred, sample_weight). Each count begins anew, as an epoch does.
    """

    def programs(metric, y_true, y_pred):
        metric.build(y_true.shape, y_pred.shape)
        variables = metric.variables
        first = [v.value for v in variables]

        @jax.jit
        def step(values, batch):
            with Scope(dict(zip(variables, values))) as scope:
                metric.update_state(*batch)
                return [scope.updates.get(v, old) for v, old in zip(variables, values)]

        @jax.jit
        def result(values):
            with Scope(dict(zip(variables, values))):
                return metric.result()

        def count(batches):
            values = first
            for batch in batches:
                values = step(values, batch)
            return result(values)

        return count

    return programs
