"""Beats -> exactly as many groups as the film has segments: joins the small, cuts the large. Chooses no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from offline_planner import sentences
from offline_planner.beats import Beat
from offline_planner.continuity import Moment

_PLACE_INSIDE_A_GROUP = 9.0
_TIME_INSIDE_A_GROUP = 3.0
_PARAGRAPH_INSIDE_A_GROUP = 0.35
_WORKABLE = 400


def cut_until_enough(beats: Sequence[Beat], count: int) -> list[Beat]:
    """At least `count` beats: long sentences become clauses, then the longest actions become phases (begins, goes on, ends)."""
    enough = list(beats)
    for _ in range(count):
        if len(enough) >= count:
            return enough
        cuttable = sorted(range(len(enough)), key=lambda number: (-enough[number].weight, number))
        found = next(((number, parts) for number in cuttable if len(parts := sentences.clauses(enough[number].text)) > 1), None)
        if found is None:
            break
        number, parts = found
        first = replace(enough[number], text=parts[0])
        enough[number : number + 1] = [first, *(Beat(part) for part in _sentence_like(parts, count - len(enough)))]
    return _in_phases(enough, count)


def _sentence_like(parts: list[str], wanted: int) -> list[str]:
    """The parts behind the first, not more than wanted."""
    rest = parts[1:]
    return [*rest[: wanted - 1], " ".join(rest[wanted - 1 :])] if len(rest) > wanted > 0 else rest


def _in_phases(beats: list[Beat], count: int) -> list[Beat]:
    """Gives the missing segments one by one to the action with the most film per segment."""
    phases = [1] * len(beats)
    for _ in range(count - len(beats)):
        heaviest = max(range(len(beats)), key=lambda number: (beats[number].weight / phases[number], -number))
        phases[heaviest] += 1
    told: list[Beat] = []
    for beat, parts in zip(beats, phases, strict=True):
        if parts == 1:
            told.append(beat)
            continue
        told += [
            replace(
                beat,
                phase=part,
                phases=parts,
                opens=beat.opens and part == 1,
                join=beat.join if part == 1 else None,
                place=beat.place if part == 1 else None,
                time=beat.time if part == 1 else None,
            )
            for part in range(1, parts + 1)
        ]
    return told


def group(moments: Sequence[Moment], count: int) -> list[list[Moment]]:
    """Exactly `count` runs of neighbouring moments (there are at least as many), even in weight, cut where place, time or
    paragraph change. Least cost by dynamic programming over at most a few hundred units."""
    units = _units(moments, max(_WORKABLE, 3 * count))
    weights = [sum(moment.beat.weight for moment in unit) for unit in units]
    ends = _cheapest_ends(units, weights, min(count, len(units)))
    groups, start = [], 0
    for end in ends:
        groups.append([moment for unit in units[start:end] for moment in unit])
        start = end
    return groups


def _units(moments: Sequence[Moment], most: int) -> list[list[Moment]]:
    """Neighbours in the same place put together while there are too many for the search."""
    if len(moments) <= most:
        return [[moment] for moment in moments]
    size = -(-len(moments) // most)
    return [list(moments[at : at + size]) for at in range(0, len(moments), size)]


def _cheapest_ends(units: list[list[Moment]], weights: list[float], count: int) -> list[int]:
    total = len(units)
    sums = [0.0]
    for weight in weights:
        sums.append(sums[-1] + weight)
    fair = sums[-1] / count
    breaks = [0.0] + [_cost_of_joining(units[number - 1][-1], units[number][0]) for number in range(1, total)]
    joined = [0.0]
    for cost in breaks:
        joined.append(joined[-1] + cost)
    longest = max(4, 5 * -(-total // count))
    best = [[float("inf")] * (total + 1) for _ in range(count + 1)]
    back = [[0] * (total + 1) for _ in range(count + 1)]
    best[0][0] = 0.0
    for made in range(1, count + 1):
        for end in range(made, total - (count - made) + 1):
            for start in range(max(made - 1, end - longest), end):
                if best[made - 1][start] == float("inf"):
                    continue
                uneven = ((sums[end] - sums[start]) / fair - 1.0) ** 2
                cost = best[made - 1][start] + uneven + joined[end] - joined[start + 1]
                if cost < best[made][end] - 1e-12:
                    best[made][end], back[made][end] = cost, start
    return _walk_back(back, count, total)


def _walk_back(back: list[list[int]], count: int, total: int) -> list[int]:
    ends, end = [], total
    for made in range(count, 0, -1):
        ends.append(end)
        end = back[made][end]
    return ends[::-1]


def _cost_of_joining(before: Moment, after: Moment) -> float:
    cost = 0.0 if before.place == after.place else _PLACE_INSIDE_A_GROUP
    cost += _TIME_INSIDE_A_GROUP if after.jumps or after.beat.join else 0.0
    return cost + (_PARAGRAPH_INSIDE_A_GROUP if after.beat.opens else 0.0)
