"""The delays between tries."""

from orchestration.backoff import Backoff, BackoffPolicy


def test_delays_double_up_to_the_ceiling_and_stay_there() -> None:
    backoff = Backoff(BackoffPolicy(initial_s=0.25, ceiling_s=60.0, healthy_s=60.0))
    delays = [backoff.after_failure(0.1) for _ in range(12)]
    assert delays == [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_a_healthy_minute_forgets_the_failures() -> None:
    backoff = Backoff(BackoffPolicy(initial_s=0.25, ceiling_s=60.0, healthy_s=60.0))
    for _ in range(5):
        backoff.after_failure(59.9)
    assert backoff.after_failure(60.0) == 0.25


def test_an_order_of_the_operator_forgets_the_failures() -> None:
    backoff = Backoff(BackoffPolicy())
    backoff.after_failure(0.0)
    backoff.after_failure(0.0)
    backoff.reset()
    assert backoff.after_failure(0.0) == 0.25
