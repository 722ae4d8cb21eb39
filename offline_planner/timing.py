"""How many segments, and how long each: lengths a backend can make whose sum is as near to the film as it can be. Pure sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from video_generator_interface import Durations

TYPICAL_S = 5.0
"""How long a segment is where nobody says: what most models of today make in one go."""
GRID_S = 0.5
"""Lengths are rounded to this where the model allows, so that a plan reads well."""
_EPSILON = 1e-6


def how_many(durations: Durations, duration_s: float, wanted_s: float | None) -> int:
    """The number of segments whose best sum is nearest to `duration_s`; of several, nearest to `wanted_s`."""
    wanted = durations.nearest(wanted_s or TYPICAL_S)
    fewest = max(1, math.floor(duration_s / durations.longest + _EPSILON))
    most = max(fewest, math.ceil(duration_s / max(durations.shortest, durations.step_s, 0.05) - _EPSILON))
    ideal = duration_s / max(wanted, 0.05)
    near = sorted(range(fewest, most + 1), key=lambda count: (abs(count - ideal), count))[:200]
    totals = _totals(durations, max(near), duration_s) if durations.choices else {}
    return min(near, key=lambda count: (_missed(durations, count, duration_s, totals), abs(count - ideal), count))


def _missed(durations: Durations, count: int, duration_s: float, totals: dict[int, float]) -> float:
    if durations.choices:
        return round(abs(totals[count] - duration_s), 4)
    return round(abs(_best_total_of_steps(durations, count, duration_s) - duration_s), 4)


def _best_total_of_steps(durations: Durations, count: int, duration_s: float) -> float:
    within = min(max(duration_s, count * durations.least_s), count * durations.most_s)
    steps = round((within - count * durations.least_s) / durations.step_s) if durations.step_s else 0
    return count * durations.least_s + steps * durations.step_s


def spread(durations: Durations, duration_s: float, weights: Sequence[float]) -> list[float]:
    """One allowed length for each weight, in proportion as far as it goes; the sum is as near to `duration_s` as it can be."""
    if durations.choices:
        return _spread_choices(durations, duration_s, weights)
    total = _best_total_of_steps(durations, len(weights), duration_s)
    on_grid = _on_grid(durations)
    rough = _spread_steps(on_grid, total, weights)
    return _settled(durations, rough, total)


def shares(weights: Sequence[float], total: float, least: float, most: float) -> list[float]:
    """`total` in proportion to the weights (squared roots of them: a beat of four times the words is twice as long),
    each within `least` and `most`; found by halving the scale."""
    roots = [math.sqrt(max(weight, 0.01)) for weight in weights]
    low, high = 0.0, 1.0 + total / min(roots)
    for _ in range(80):
        scale = (low + high) / 2
        if sum(min(max(root * scale, least), most) for root in roots) < total:
            low = scale
        else:
            high = scale
    return [min(max(root * high, least), most) for root in roots]


def _on_grid(durations: Durations) -> Durations:
    """The same range in steps of half a second where those lengths are allowed."""
    least = math.ceil(durations.least_s / GRID_S - _EPSILON) * GRID_S or GRID_S
    most = math.floor(durations.most_s / GRID_S + _EPSILON) * GRID_S
    finer = durations.step_s < GRID_S and most > least and durations.allow(least) and durations.allow(least + GRID_S)
    return Durations(least_s=least, most_s=most, step_s=GRID_S) if finer else durations


def _spread_steps(durations: Durations, total: float, weights: Sequence[float]) -> list[float]:
    count, step = len(weights), durations.step_s
    if step <= 0:
        return [durations.least_s] * count
    ideal = shares(weights, total, durations.least_s, durations.most_s)
    most_steps = math.floor((durations.most_s - durations.least_s) / step + _EPSILON)
    exact = [(length - durations.least_s) / step for length in ideal]
    steps = [min(most_steps, math.floor(value + _EPSILON)) for value in exact]
    left = math.floor((total - count * durations.least_s) / step + _EPSILON) - sum(steps)
    for number in sorted(range(count), key=lambda number: (steps[number] - exact[number], number)):
        if left > 0 and steps[number] < most_steps:
            steps[number] += 1
            left -= 1
    return [durations.least_s + number * step for number in steps]


def _settled(durations: Durations, rough: list[float], total: float) -> list[float]:
    """Puts what the grid leaves over into as few segments as can take it, the longest first; the shortest gives first."""
    over = total - sum(rough)
    settled = list(rough)
    for number in sorted(range(len(rough)), key=lambda number: (-rough[number], number), reverse=over < 0):
        if abs(over) < _EPSILON:
            break
        fitted = durations.nearest(min(max(settled[number] + over, durations.least_s), durations.most_s))
        over -= fitted - settled[number]
        settled[number] = fitted
    return [durations.nearest(length) for length in settled]


def _unit(choices: Sequence[float]) -> tuple[Fraction, list[int]]:
    """The largest unit all choices are whole multiples of, and the choices in it."""
    exact = [Fraction(str(round(choice, 4))) for choice in choices]
    common = math.lcm(*(value.denominator for value in exact))
    whole = [int(value * common) for value in exact]
    divisor = math.gcd(*whole) or 1
    return Fraction(divisor, common), [value // divisor for value in whole]


def _reach(sizes: list[int], count: int) -> list[int]:
    """For 0 to `count` segments a bit set of the sums they can have."""
    reach = [1]
    for _ in range(count):
        sums = 0
        for size in sizes:
            sums |= reach[-1] << size
        reach.append(sums)
    return reach


def _nearest_bit(bits: int, wanted: int) -> int:
    """The set bit nearest to `wanted`, the higher of two."""
    below = (bits & ((1 << (wanted + 1)) - 1)).bit_length() - 1
    above = bits >> max(wanted, 0)
    over = wanted + (above & -above).bit_length() - 1 if above else -1
    return over if below < 0 or (over >= 0 and over - wanted <= wanted - below) else below


def _totals(durations: Durations, most: int, duration_s: float) -> dict[int, float]:
    unit, sizes = _unit(durations.choices)
    wanted = round(Fraction(str(round(duration_s, 4))) / unit)
    return {count: float(_nearest_bit(sums, wanted) * unit) for count, sums in enumerate(_reach(sizes, most)) if count}


def _spread_choices(durations: Durations, duration_s: float, weights: Sequence[float]) -> list[float]:
    """Walks along the segments, each time taking the choice nearest to its share that can still end at the right sum."""
    unit, sizes = _unit(durations.choices)
    count = len(weights)
    reach = _reach(sizes, count)
    left = _nearest_bit(reach[count], round(Fraction(str(round(duration_s, 4))) / unit))
    ideal = shares(weights, float(left), min(sizes), max(sizes))
    taken: list[int] = []
    debt = 0.0
    for number in range(count):
        able = [size for size in sizes if left >= size and reach[count - number - 1] >> (left - size) & 1]
        size = min(able, key=lambda size: (abs(size - ideal[number] - debt), -size))
        debt += ideal[number] - size
        left -= size
        taken.append(size)
    return [float(size * unit) for size in _by_rank(taken, weights)]


def _by_rank(lengths: list[int], weights: Sequence[float]) -> list[int]:
    """The longest length to the heaviest segment; of equals, the earlier keeps what it had."""
    ranked = sorted(range(len(weights)), key=lambda number: (-weights[number], number))
    given = [0] * len(lengths)
    for number, length in zip(ranked, sorted(lengths, reverse=True), strict=True):
        given[number] = length
    return given
