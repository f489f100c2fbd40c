"""Rate limits told in header fields: as vendors tell them, and as somebody hostile would."""

import time

import pytest

from checks.rate_limits import quotas
from checks.result import Quota

Fields = list[tuple[str, str]]


def fields(**values: str) -> Fields:
    return [(name.replace("_", "-"), value) for name, value in values.items()]


@pytest.mark.parametrize(
    "told",
    [
        fields(x_ratelimit_limit="100", x_ratelimit_remaining="30"),
        fields(x_rate_limit_limit="100", x_rate_limit_remaining="30"),
        fields(ratelimit_remaining="30", ratelimit_limit="100", ratelimit_reset="5"),
        fields(ratelimit_limit="100, 100;w=60, 5000;w=3600", ratelimit_remaining="30"),
        fields(x_ratelimit_limit_minute="100", x_ratelimit_remaining_minute="30"),
        fields(x_five_min_limit="100", x_five_min_limit_remaining="30.0", x_five_min_limit_resets_in="12"),
        fields(ratelimit='"default";r=30;t=5', ratelimit_policy='"default";q=100;w=60'),
        fields(ratelimit="default;r=30 ; t=5", ratelimit_policy="default; q=100; w=60"),
        fields(
            ratelimit='"a,b";r=30;t=5;pk=:c2VjcmV0:',
            ratelimit_policy='"x";q=5, "a,b";qu="content-bytes";q=100;w=60',
        ),
        fields(ratelimit="limit=100, remaining=30, reset=5", ratelimit_policy="100;w=60"),
    ],
    ids=lambda told: told[0][0] if isinstance(told, list) else None,
)
def test_a_quota_is_read_however_it_is_told(told: Fields) -> None:
    assert quotas(told) == {"api": Quota(used=70, limit=100)}


def test_of_several_windows_the_one_nearest_to_its_end_counts() -> None:
    told = fields(
        x_ratelimit_limit_second="15",
        x_ratelimit_remaining_second="14",
        x_ratelimit_limit_hour="5000",
        x_ratelimit_remaining_hour="10",
    )
    assert quotas(told) == {"api": Quota(4990, 5000)}
    told = fields(ratelimit='"burst";r=99, "daily";r=1', ratelimit_policy='"burst";q=100,"daily";q=1000')
    assert quotas(told) == {"api": Quota(999, 1000)}


def test_nothing_left_is_a_quota_used_up() -> None:
    assert quotas(fields(x_ratelimit_limit="20", x_ratelimit_remaining="0")) == {"api": Quota(20, 20)}


@pytest.mark.parametrize(
    "told",
    [
        [],
        fields(content_type="text/plain"),
        fields(x_ratelimit_remaining="30"),
        fields(x_five_min_limit_remaining="30", x_request_cost="1"),
        fields(x_ratelimit_limit="100"),
        fields(ratelimit='"default";r=30'),
        fields(ratelimit='"default";r=30', ratelimit_policy='"other";q=100'),
        fields(ratelimit='"default";t=30', ratelimit_policy='"default";q=100'),
    ],
)
def test_without_a_limit_and_what_remains_of_it_there_is_no_quota(told: Fields) -> None:
    assert quotas(told) == {}


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        ("100", "-1"),
        ("100", "101"),
        ("0", "0"),
        ("-100", "0"),
        ("100", ""),
        ("", "1"),
        ("inf", "1"),
        ("nan", "nan"),
        ("1e3", "1"),
        ("0x64", "1"),
        ("9" * 400, "1"),
        ("100", "\u0663\u0660"),
        ("100 per minute", "3"),
        ("unlimited", "unlimited"),
        ("<script>", "1"),
    ],
)
def test_what_makes_no_sense_is_ignored(limit: str, left: str) -> None:
    assert quotas(fields(x_ratelimit_limit=limit, x_ratelimit_remaining=left)) == {}
    state, policy = f'"d";r={left}', f'"d";q={limit}'
    assert quotas(fields(ratelimit=state, ratelimit_policy=policy)) == {}


def test_a_field_told_twice_counts_as_first_told() -> None:
    told = fields(x_ratelimit_limit="100", x_ratelimit_remaining="30")
    assert quotas([*told, ("x-ratelimit-remaining", "99")]) == {"api": Quota(70, 100)}


@pytest.mark.parametrize(
    "told",
    [
        [(f"x-limit-{number}-remaining", "1") for number in range(5000)],
        fields(ratelimit='"' * 60_000, ratelimit_policy=";" * 60_000),
        fields(ratelimit="a;" * 30_000, ratelimit_policy='"a";b=' * 10_000),
        fields(ratelimit=" " * 60_000 + "x", ratelimit_policy="," * 60_000),
        fields(ratelimit="limit=" + " " * 60_000, x_ratelimit_limit="1" * 60_000, x_ratelimit_remaining="1"),
    ],
    ids=["many", "quotes", "semicolons", "blanks", "digits"],
)
def test_much_nonsense_costs_little(told: Fields) -> None:
    before = time.thread_time()
    assert quotas(told) == {}
    assert time.thread_time() - before < 0.02
