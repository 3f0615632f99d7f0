"""The estimate against scores that follow formulas which it does not know."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence

import pytest

from rules.match_quality.estimator import Calibration, Prior, Sample, calibrate, estimate, gain

KEYS = {
    "email": 1.6, "fbc": 1.2, "phone": 1.0, "ip_address": 0.7, "user_agent": 0.7, "fbp": 0.6,
    "external_id": 0.5, "first_name": 0.3, "last_name": 0.3, "city": 0.15, "zip": 0.15, "country": 0.1,
}  # fmt: skip
PRIOR = Prior(KEYS, (("ip_address", "user_agent"), ("first_name", "last_name")))
# Not the package's order: phone is worth most here, and the browser ID nothing.
HIDDEN = {
    "email": 1.1, "fbc": 0.5, "phone": 2.0, "ip_address": 0.6, "user_agent": 0.4, "fbp": 0.0,
    "external_id": 1.3, "first_name": 0.2, "last_name": 0.5, "city": 0.3, "zip": 0.1, "country": 0.2,
}  # fmt: skip
Formula = Callable[[Mapping[str, float]], float]


def added(shares: Mapping[str, float]) -> float:
    return 2.0 + sum(HIDDEN[key] * share for key, share in shares.items())


def saturated(shares: Mapping[str, float]) -> float:
    return 10 * (1 - math.prod(1 - 0.35 * HIDDEN[key] * share for key, share in shares.items()))


def in_pairs(shares: Mapping[str, float]) -> float:
    both = min(shares["ip_address"], shares["user_agent"]) * 1.5
    return 1.5 + both + 0.8 * sum(HIDDEN[key] * share for key, share in shares.items())


def events(formula: Formula, count: int, noise: float, seed: int = 7) -> list[Sample]:
    """Events as a shop sends them: people who sign in have several keys at once."""
    chance, found = random.Random(seed), []  # noqa: S311 - made-up events
    for _ in range(count):
        knows = chance.choice((0.15, 0.5, 0.9))
        shares = {key: float(chance.random() < knows) for key in KEYS}
        score = min(max(formula(shares) + chance.gauss(0, noise), 0.0), 10.0)
        found.append(Sample(shares, score))
    return found


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of their ranks."""
    ordered = sorted(values)
    places: dict[float, list[int]] = {}
    for place, value in enumerate(ordered, 1):
        places.setdefault(value, []).append(place)
    return [sum(places[it]) / len(places[it]) for it in values]


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's coefficient: the correlation of the ranks."""
    first, second = ranks(one), ranks(other)
    mean = (len(first) + 1) / 2
    joined = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    return joined / math.sqrt(sum((a - mean) ** 2 for a in first) * sum((b - mean) ** 2 for b in second))


def test_the_rank_correlation_of_the_tests_is_spearmans() -> None:
    # The worked example of https://en.wikipedia.org/wiki/Spearman%27s_rank_correlation_coefficient: −29/165.
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    assert rank_correlation(iq, hours) == pytest.approx(-29 / 165)


@pytest.mark.parametrize("formula", [added, saturated, in_pairs])
def test_after_200_scores_it_orders_2000_events_nearly_as_the_hidden_formula(formula: Formula) -> None:
    every = events(formula, 2_000, noise=0.4)
    calibration = calibrate(every[:200], PRIOR)
    assert calibration.is_usable
    guesses = [estimate(calibration, PRIOR, it.shares) for it in every]
    assert rank_correlation([it.score for it in guesses if it], [it.score for it in every]) >= 0.9


@pytest.mark.parametrize("formula", [added, saturated, in_pairs])
def test_the_stated_error_is_the_error_on_events_that_it_has_not_seen(formula: Formula) -> None:
    every = events(formula, 2_000, noise=0.4)
    calibration = calibrate(every[:200], PRIOR)
    wrong = [estimate(calibration, PRIOR, it.shares).score - it.score for it in every[200:]]  # type: ignore[union-attr]
    real = math.sqrt(sum(it * it for it in wrong) / len(wrong))
    assert calibration.error == pytest.approx(real, rel=0.25)


def test_it_learns_what_the_package_did_not_expect() -> None:
    calibration = calibrate(events(added, 200, noise=0.4), PRIOR)
    bare = dict.fromkeys(KEYS, 0.0)
    gains = {key: gain(calibration, PRIOR, bare, key) or 0 for key in KEYS}
    assert max(gains, key=gains.__getitem__) == "phone"
    assert gains["phone"] == pytest.approx(HIDDEN["phone"], abs=0.4)
    assert gains["fbp"] < 0.4


def test_without_scores_it_says_so_instead_of_guessing() -> None:
    calibration = calibrate([], PRIOR)
    assert (calibration.problem, calibration.samples) == ("few", 0)
    assert estimate(calibration, PRIOR, {"email": 1.0}) is None
    assert gain(calibration, PRIOR, {}, "email") is None


def test_scores_that_are_alike_teach_nothing() -> None:
    every = [Sample({"email": n / 20}, 7.8) for n in range(20)]
    assert calibrate(every, PRIOR).problem == "alike"


def test_scores_that_have_nothing_to_do_with_the_keys_give_no_estimate() -> None:
    chance = random.Random(3)  # noqa: S311 - made-up scores
    every = [Sample(it.shares, chance.uniform(2, 9)) for it in events(added, 100, noise=0)]
    calibration = calibrate(every, PRIOR)
    assert calibration.problem == "imprecise"
    assert estimate(calibration, PRIOR, every[0].shares) is None


def test_the_worth_of_a_key_that_no_score_has_shown_is_not_known() -> None:
    every = [Sample({**it.shares, "phone": 0.0}, it.score) for it in events(added, 200, noise=0.2)]
    calibration = calibrate(every, PRIOR)
    assert "phone" not in calibration.learned
    assert gain(calibration, PRIOR, {"email": 1.0}, "phone") is None
    found = estimate(calibration, PRIOR, {"email": 1.0, "phone": 1.0})
    assert found is not None
    assert found.guessed == ["phone"]


def test_an_estimate_stays_on_the_scale() -> None:
    for formula in (added, saturated):
        calibration = calibrate(events(formula, 200, noise=0.4), PRIOR)
        for share in (0.0, 1.0):
            found = estimate(calibration, PRIOR, dict.fromkeys(KEYS, share))
            assert found is not None
            assert 0 <= found.score <= 10


def test_what_was_learned_survives_being_stored() -> None:
    from dataclasses import asdict

    calibration = calibrate(events(added, 60, noise=0.2), PRIOR)
    assert Calibration.from_stored(asdict(calibration)) == calibration
    assert Calibration.from_stored(None).problem == "few"


def test_a_key_that_few_scores_have_is_not_learned_from_them() -> None:
    every = [Sample({**it.shares, "fbc": 0.0}, it.score) for it in events(added, 100, noise=0.2)]
    lucky = [Sample({**every[0].shares, "fbc": 0.3}, 9.5)] * 2
    calibration = calibrate([*every, *lucky], PRIOR)
    assert "fbc" not in calibration.learned
    assert gain(calibration, PRIOR, {"email": 1.0}, "fbc") is None
