import pytest

from calendar_app.percentiles import percentile, spread


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1)]
)
def test_of_a_hundred_values_the_rank_is_the_percentage(share, expected):
    assert percentile(range(1, 101), share) == expected


def test_the_order_of_the_values_does_not_matter():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_of_few_values_the_high_percentiles_are_the_largest_one():
    assert percentile([1.0, 2.0, 30.0], 0.99) == 30.0


def test_it_never_invents_a_value_between_two():
    assert percentile([1.0, 2.0], 0.5) == 1.0


def test_without_values_there_is_no_percentile():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_spread_names_its_percentiles():
    assert spread(range(1, 101)) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}
