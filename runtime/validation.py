"""Values with marks -> a pydantic model, or every problem in the user's words. Reads no file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Secret, SecretBytes, SecretStr, ValidationError

from errors import Problem
from runtime.yaml_marks import Mark, Marks, Path, Plain, scalar

Model = TypeVar("Model", bound=BaseModel)
Name = Callable[[Path], str]
ANY = "__all__"
"""In a path: every entry of a list, every key of a block. Pydantic's own word for it."""

_SECRET = re.compile(r"(api_?key|token|password|passphrase|credentials?)$|secret", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether a key or an environment variable of this name holds what nobody may see."""
    return bool(_SECRET.search(name))


def secret_paths(model: type[BaseModel]) -> Iterator[Path]:
    """Where a model holds a SecretStr or SecretBytes, below models of its own too; ANY stands for each entry of a list."""
    for name, field in model.model_fields.items():
        for called in {name, *(alias for alias in (field.alias, field.validation_alias) if isinstance(alias, str))}:
            yield from ((called, *path) for path in _secrets_within(field.annotation))


def _secrets_within(annotation: Any) -> Iterator[Path]:
    if isinstance(annotation, type) and issubclass(annotation, (SecretStr, SecretBytes, Secret)):
        yield ()
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from secret_paths(annotation)
    elif get_origin(annotation) in (Union, UnionType, Annotated):
        for argument in get_args(annotation):
            yield from _secrets_within(argument)
    else:
        yield from ((ANY, *path) for argument in get_args(annotation) for path in _secrets_within(argument))


def meets(pattern: Path, path: Path) -> bool:
    """Whether one of them lies within the other; ANY in the pattern is every part."""
    return all(wanted in (ANY, part) for wanted, part in zip(pattern, path, strict=False))


def dotted(path: Path) -> str:
    """`("remote_api_settings", "timeout")` -> `remote_api_settings.timeout`; items of a list are counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def nearest(name: str, known: Iterable[str]) -> str:
    """Advice for a name that is not known: `did you mean fps?`, or else all that are known."""
    names = sorted(known)
    close = get_close_matches(name.lower().replace("-", "_"), names, 1, 0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"known: {', '.join(names)}" if names else "nothing can be set here"


def validated(
    model: type[Model], values: Mapping[str, Plain], marks: Marks, problems: list[Problem],
    prefix: Path = (), name: Name = dotted, also: Iterable[str] = (),
) -> Model | None:
    """The model made of `values`, or None with every problem added to `problems`.

    `prefix` is the path of `values` within the marks; `also` are keys known beside the model's own, for advice.
    A `loose` text that is wanted as something else is read as YAML (`--set a=[1, 2]`), and an unquoted number where
    text is wanted is taken as it was written. Raises nothing: a ValidationError would quote secrets.
    """
    tree: Any = _copy(dict(values))
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        first = error
    try:
        if any([_reread(tree, detail["type"], detail["loc"], marks, prefix) for detail in first.errors()]):
            return model.model_validate(tree)
    except ValidationError as error:
        first = error
    problems += problems_of(first, model, marks, prefix, name, also)
    return None


def problems_of(
    error: ValidationError, model: type[BaseModel], marks: Marks, prefix: Path = (), name: Name = dotted,
    also: Iterable[str] = (),
) -> list[Problem]:
    """Every error of a model's validation as a problem with file:line:column, at the key when the key is wrong."""
    found: dict[Path, Problem] = {}
    secrets = [(*prefix, *path) for path in secret_paths(model)]
    details = error.errors(include_url=False)
    for detail in details:
        kind, path = detail["type"], _path(detail, marks, prefix)
        if path in found or path in marks.faulty:
            continue  # a union complains once for each of its types
        if kind == "too_short" and any(other["loc"][:-1][:len(detail["loc"])] == detail["loc"] for other in details):
            continue  # pydantic counts the entries without fault, the user those that are written
        what, advice = _words(detail, path, hidden=any(meets(secret, path) for secret in secrets))
        if kind == "extra_forbidden":
            known = {*_keys(model, path[len(prefix):-1]), *(also if len(path) == 1 else ())}
            what, advice = "unknown key", nearest(str(path[-1]), known)
        mark = marks.key(path) if kind == "extra_forbidden" else marks.value(path)
        found[path] = Problem(place(mark, name(path)), what, advice)
    return list(found.values())


def place(mark: Mark, name: str) -> str:
    """`config.yaml:12:5: fps`; a source that says the key itself (`--fps`, `environment LONGTAKE_FPS`) is enough."""
    said = re.sub(r"[-_.]+", "_", mark.place.lower())
    says_it = not mark.line and said.endswith(name.replace(".", "_").lower())
    return str(mark) if says_it or not name else f"{mark}: {name}".removeprefix(": ")


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems as they stand in their files, from top to bottom; those without a line keep their place behind them."""
    def position(problem: Problem) -> tuple[bool, str, int, int]:
        found = re.match(r"(.+?):(\d+):(\d+)(?::|$)", problem.where)
        return (False, found[1], int(found[2]), int(found[3])) if found else (True, "", 0, 0)

    return sorted(problems, key=position)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _reread(tree: Any, kind: str, loc: Path, marks: Marks, prefix: Path) -> bool:
    """Puts the other reading of one scalar into the tree; False when there is none."""
    path = loc
    holder, last = _holder(tree, path)
    while holder is None and path:  # a union puts the name of its member behind the path
        path = path[:-1]
        holder, last = _holder(tree, path)
    if holder is None:
        return False
    present, written = holder[last], marks.texts.get((*prefix, *path))
    if isinstance(present, str):
        if (*prefix, *path) not in marks.loose:
            return False
        other = None if kind == "string_type" else scalar(present)
        if other is None and present not in ("null", "~"):
            return False
    else:
        other = written if kind == "string_type" else None
        if other is None:
            return False
    holder[last] = other
    return True


def _holder(tree: Any, path: Path) -> tuple[Any, Any]:
    """The dict or list that holds the scalar at `path`, and its key in it; (None, None) when there is none."""
    for part in path[:-1]:
        tree = _child(tree, part)
    if not path or isinstance(_child(tree, path[-1], missing := object()), (dict, list)):
        return None, None
    return (None, None) if _child(tree, path[-1], missing) is missing else (tree, path[-1])


def _child(tree: Any, part: str | int, missing: Any = None) -> Any:
    if isinstance(tree, dict):
        return tree.get(part, missing)
    if isinstance(tree, list) and isinstance(part, int) and part < len(tree):
        return tree[part]
    return missing


def _path(detail: Any, marks: Marks, prefix: Path) -> Path:
    """The path as the user wrote it: pydantic puts the names of union members into its own."""
    path = prefix
    last = len(detail["loc"]) - 1 if detail["type"] in ("missing", "extra_forbidden") else -1
    for position, part in enumerate(detail["loc"]):
        if (*path, part) in marks.values or position == last:
            path = (*path, part)
    return path


def _keys(model: type[BaseModel], path: Path) -> Iterator[str]:
    """The keys a model knows at `path`."""
    models = [model]
    for part in path:
        if isinstance(part, str):
            fields = [one.model_fields[part].annotation for one in models if part in one.model_fields]
            models = [inner for annotation in fields for inner in models_within(annotation)]
    for one in models:
        yield from one.model_fields


def models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation: `tuple[Segment, ...] | None` -> Segment."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_within(argument)


_NUMBERS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most", "multiple_of": "a multiple of"}
_KINDS = (
    ("int_", "is not a whole number"), ("float_", "is not a number"), ("finite_", "is not a finite number"),
    ("decimal_", "is not a number"), ("bool_", "is not true or false"), ("string_", "is not text"),
    ("list_", "is not a list"), ("tuple_", "is not a list"), ("set_", "is not a list"),
    ("dict_", "is not a block of keys"), ("model_", "is not a block of keys"), ("mapping_", "is not a block of keys"),
    ("path_", "is not a path"),
)
_ADVICE = {"int_": "write a number such as 3", "bool_": "write true or false", "list_": "write [one, two]",
           "tuple_": "write [one, two]", "string_": "put it into quotes", "dict_": "write key: value lines below it",
           "model_": "write key: value lines below it"}


def _words(detail: Any, path: Path, hidden: bool) -> tuple[str, str]:
    """What is wrong and what to do, for one error of pydantic's."""
    kind, limits = detail["type"], detail.get("ctx", {})
    said = "the value" if hidden else _quoted(detail["input"], path)
    if kind == "missing":
        return "is missing", ""
    if detail["input"] is None:
        return "is empty", "give it a value, or leave the key out"
    if kind in ("literal_error", "enum"):
        return _choice(said, detail["input"], str(limits["expected"]), path)
    if kind == "value_error":
        return ("is not accepted" if said == "the value" else str(limits.get("error", "is not accepted"))), ""
    for limit, word in _NUMBERS.items():
        if limit in limits:
            return f"{said} is out of range", f"it must be {word} {limits[limit]:.10g}"
    if kind in ("string_too_short", "too_short", "string_too_long", "too_long"):
        return _length(kind, limits)
    for start, what in _KINDS:
        if kind.startswith(start):
            quotes_will_not_do = start == "string_" and isinstance(detail["input"], (dict, list))
            return f"{said} {what}", "" if quotes_will_not_do else _ADVICE.get(start, "")
    if said == "the value":
        return "the value is not accepted", ""
    return f"{said} is not accepted", str(detail["msg"]).replace("Input should be", "it must be").replace("Value error, ", "")


def _quoted(value: object, path: Path) -> str:
    if any(isinstance(part, str) and is_secret(part) for part in path):
        return "the value"
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}...{text[-1]}"


def _choice(said: str, value: object, expected: str, path: Path) -> tuple[str, str]:
    allowed = re.findall(r"'([^']*)'", expected) or [expected]
    close = [] if said == "the value" else get_close_matches(str(value).lower(), allowed, 1, 0.6)
    return f"{said} is not one of {', '.join(allowed)}", f"did you mean {close[0]}?" if close else ""


def _length(kind: str, limits: Mapping[str, Any]) -> tuple[str, str]:
    least, most = limits.get("min_length"), limits.get("max_length")
    of = "characters" if kind.startswith("string") else "entries"
    if "short" in kind:
        return ("is empty", "") if least == 1 else (f"has fewer than {least} {of}", "")
    return f"has more than {most} {of}", ""
