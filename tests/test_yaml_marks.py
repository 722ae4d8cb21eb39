"""runtime/yaml_marks.py, validation.py and env_file.py: where things stand in a text, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from errors import Problem
from runtime import env_file
from runtime.validation import in_order, is_secret, problems_of, validated
from runtime.yaml_marks import Mark, parse, read


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    depth: int = 1
    api_key: SecretStr | None = None
    pin_token: int = 0


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    kind: Literal["wet", "dry"] = "wet"
    share: float = Field(0.5, ge=0, le=1)
    on: bool = False
    inner: Inner = Inner()
    many: tuple[Inner, ...] = ()
    either: str | list[str] = "x"


def said(text: str) -> list[str]:
    parsed = parse(text, "f.yaml")
    found = list(parsed.problems)
    assert isinstance(parsed.values, dict)
    validated(Outer, parsed.values, parsed.marks, found)
    return [str(problem) for problem in in_order(found)]


def test_keys_and_values_have_marks_counted_from_one():
    marks = parse("a: 1\nb:\n  - x: 2\n", "f.yaml").marks
    assert marks.key(("b", 0, "x")) == Mark("f.yaml", 3, 5)
    assert str(marks.value(("b", 0, "x"))) == "f.yaml:3:8"
    assert str(marks.value(("b", 0, "no", "such"))) == "f.yaml:3:5"


def test_values_are_those_of_yaml_1_2():
    text = "{a: on, b: 1280x720, c: 23.976, d: 30000/1001, e: 0x10, f: 010, g: 1:30, h: 2024-01-01, i: ~, j: TRUE, k: -.inf}"
    values = parse(text, "").values
    assert values == {"a": "on", "b": "1280x720", "c": 23.976, "d": "30000/1001", "e": 16, "f": 10, "g": "1:30",
                      "h": "2024-01-01", "i": None, "j": True, "k": float("-inf")}


def test_anchors_aliases_and_merges_are_followed_and_one_s_own_keys_win():
    assert parse("a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  y: 3\n", "").values == {
        "a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}}


@pytest.mark.parametrize(("text", "wanted"), [
    ("a: 1\n\tb: 2\n", "f:2:1: a tab stands where only spaces may indent, use spaces"),
    ("a: b: c\n", "f:1:5: there is a second `: ` in this line, put the text into quotes"),
    ("a: [1, 2\nb: 3\n", "f:2:2: `]` is missing, close what was opened"),
    ("a: 1\n---\nb: 2\n", "f:2:1: a second document begins here, keep one, a file holds one"),
    ("a: 'x\nb: 1\n", "f:1:4: a quote is opened and never closed, close it"),
    ("a: @x\n", "f:1:4: no value can begin with @, put the text into quotes"),
    ("a: *b\n", "f:1:4: *b is not defined, write &b where it is, or put the text into quotes"),
    ("ok: 1\na: x\x07\n", "f:2:5: the character U+0007 is not allowed in YAML, take it out"),
    ("a: 1\nb: 2\na: 3\n", "f:3:1: a is there twice, first in line 1: keep one of them"),
    ("a: !!python/name:os x\n", "f:1:4: the tag tag:yaml.org,2002:python/name:os means nothing here, leave it out"),
    ("{[a]: 1}\n", "f:1:2: a list or a block cannot be a key"),
    ("a: " + "[" * 1100, "f: is nested too deeply to be read"),
])
def test_what_is_no_good_yaml_is_said_with_its_place(text: str, wanted: str):
    assert [str(problem) for problem in parse(text, "f").problems] == [wanted]


@pytest.mark.parametrize("text", [
    "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)),
    "a: &a [*a]\n",
], ids=["bomb", "snake"])
def test_aliases_that_unfold_without_end_are_refused(text: str):
    found = parse(text, "f").problems
    assert len(found) == 1 and "unfolds into too many values" in found[0].what


def test_every_mistake_is_said_in_the_users_words_at_its_place():
    text = "nam: x\nkind: dri\nshare: 2\non: perhaps\ninner: 3\nmany:\n  - dept: 1\n  - depth: deep\neither: {a: 1}\n"
    assert said(text) == [
        "f.yaml:1:1: name: is missing",
        "f.yaml:1:1: nam: unknown key, did you mean name?",
        "f.yaml:2:7: kind: 'dri' is not one of wet, dry, did you mean dry?",
        "f.yaml:3:8: share: 2 is out of range, it must be at most 1",
        "f.yaml:4:5: on: 'perhaps' is not true or false, write true or false",
        "f.yaml:5:8: inner: the value is not a block of keys, write key: value lines below it",
        "f.yaml:7:5: many.1.dept: unknown key, did you mean depth?",
        "f.yaml:8:12: many.2.depth: 'deep' is not a whole number, write a number such as 3",
        "f.yaml:9:9: either: a block of keys is not text",
    ]


def test_a_key_nothing_is_like_gets_the_list_of_all():
    assert said("name: x\ninner: {zzz: 1}\n") == ["f.yaml:2:9: inner.zzz: unknown key, known: api_key, depth, pin_token"]


def test_an_empty_value_is_said_at_its_key():
    assert said("name:\nkind: wet\n") == ["f.yaml:1:1: name: is empty, give it a value, or leave the key out"]


def test_an_unquoted_number_is_taken_as_written_where_text_is_wanted():
    parsed = parse("name: 1.10\ninner: {api_key: 0123}\n", "f.yaml")
    assert isinstance(parsed.values, dict)
    found: list[Problem] = []
    model = validated(Outer, parsed.values, parsed.marks, found)
    assert model is not None and not found
    assert model.name == "1.10" and model.inner.api_key == SecretStr("0123")


def test_a_secret_is_never_quoted():
    found = said("name: x\ninner:\n  api_key: [sk-12345]\nmany:\n  - api_key: {sk-12345: 1}\n    pin_token: sk-12345\n")
    assert len(found) == 3 and "sk-12345" not in "".join(found)


def test_what_holds_a_secret_is_known_by_its_name():
    assert all(map(is_secret, ["api_key", "OPENAI_API_KEY", "client_secret", "secret_name", "hf_token", "password"]))
    assert not any(map(is_secret, ["model_version", "max_tokens", "key", "seed"]))


def test_problems_of_can_be_had_from_any_validation_error():
    with pytest.raises(ValueError) as caught:
        Inner.model_validate({"depth": "x"})
    found = problems_of(caught.value, Inner, parse("depth: x\n", "f").marks)  # type: ignore[arg-type]
    assert [str(one) for one in found] == ["f:1:8: depth: 'x' is not a whole number, write a number such as 3"]


def test_text_that_is_not_utf_8_is_said_with_its_place(tmp_path: Path):
    (tmp_path / "f").write_bytes(b"ok\nab\xff")
    text, found = read(tmp_path / "f")
    assert text == "" and str(found[0]) == f"{tmp_path / 'f'}:2:3: is not UTF-8 text, save it as UTF-8"


def test_an_env_file_has_comments_quotes_and_exports():
    text = "# keys\nexport A=1\nB = two words # three\nC='a # $x'\nD=\"x\\n\\\"y\\\"\" # z\n\nE=\nF=a#b\nA=2\n"
    parsed = env_file.parse(text, ".env")
    assert parsed.values == {"A": "2", "B": "two words", "C": "a # $x", "D": 'x\n"y"', "E": "", "F": "a#b"}
    assert str(parsed.marks["D"]) == ".env:5:1" and not parsed.problems


def test_a_line_of_an_env_file_that_is_none_is_said_and_not_shown():
    parsed = env_file.parse("sk-12345\nA='x\n", ".env")
    assert [str(one) for one in parsed.problems] == [".env:1:1: is not NAME=value", ".env:2:1: the quotes of A are not closed"]
    assert "two" not in repr(env_file.parse("A=two", ".env"))
