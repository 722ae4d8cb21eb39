"""One tree of values with marks laid over another: keys over keys, all else in place of what was there. Judges no value."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.yaml_marks import Mark, Marks, Path, Plain

_OF_PLACES = ("keys", "values", "texts")
_OF_VALUES = ("faulty", "loose")


def moved(marks: Marks, prefix: Path) -> Marks:
    """A copy of the marks for values that are put below `prefix`."""
    copy = Marks(marks.place)
    for kind in _OF_PLACES:
        getattr(copy, kind).update({(*prefix, *path): known for path, known in getattr(marks, kind).items()})
    for kind in _OF_VALUES:
        getattr(copy, kind).update((*prefix, *path) for path in getattr(marks, kind))
    return copy


def unplaced(value: Plain, path: Path) -> Marks:
    """Marks for values that stand in no file: problems then name the key alone."""
    return Marks("", values={at: Mark("") for at in _paths(value, path)})


def laid_over(below: Plain, above: Plain, path: Path, marks: Marks, given: Marks) -> Plain:
    """`above` over `below`, both at `path`. `marks` are those of `below` and become those of the result; `given` those of
    `above`."""
    tree = _joined(below, above, path, marks)
    for kind in (*_OF_PLACES, *_OF_VALUES):
        known = getattr(given, kind)
        inside = [at for at in known if at[: len(path)] == path]
        getattr(marks, kind).update({at: known[at] for at in inside} if kind in _OF_PLACES else inside)
    return tree


def _joined(below: Plain, above: Plain, path: Path, marks: Marks) -> Plain:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _joined(below.get(key), value, (*path, key), marks) for key, value in above.items()}}
    for kind in _OF_PLACES:
        known = getattr(marks, kind)
        for inside in [at for at in known if at[: len(path)] == path]:
            del known[inside]
    return above


def _paths(value: Plain, path: Path) -> Iterator[Path]:
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(inner, (*path, key))
