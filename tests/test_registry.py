"""Names to classes: what is listed, what is refused, what is imported and when."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from errors import BackendUnavailable, Problem
from runtime.registry import Registry

GROUP = "longtake.test_things"


class Thing:
    name = ""
    section = ""


def registry(builtin: dict[str, str] | None = None, **more: object) -> Registry[Thing]:
    return Registry("thing", builtin or {"plain": "plain_things:Plain"}, GROUP, Thing, **more)  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are installed in, with the module of the built-in thing."""
    thing = "from test_registry import Thing\nclass Plain(Thing):\n    name = section = 'plain'\n"
    (tmp_path / "plain_things.py").write_text(thing)
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("plain_things", "acme_things", "other_things"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return tmp_path


def install(site: Path, package: str, points: dict[str, str], code: str = "") -> None:
    info = site / f"{package}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n" + "".join(f"{name} = {at}\n" for name, at in points.items()))
    (site / f"{package}_things.py").write_text("from test_registry import Thing\n" + code)


ACME = "class Acme(Thing):\n    name = section = 'acme'\n"


def test_listing_names_imports_nothing(site: Path):
    install(site, "acme", {"acme": "acme_things:Acme"}, "raise RuntimeError('imported')")
    assert registry().names() == ("plain", "acme")
    assert registry().sections() == {"plain", "acme"}
    assert not {"plain_things", "acme_things"} & sys.modules.keys()


def test_a_plug_in_is_loaded_by_its_name(site: Path):
    install(site, "acme", {"acme": "acme_things:Acme"}, ACME)
    assert registry().load("acme").__name__ == "Acme"
    assert registry().entries[1].origin == "acme 1.2"


def test_a_plug_in_with_the_name_of_a_built_in_is_refused_and_named(site: Path):
    install(site, "acme", {"plain": "acme_things:Acme"}, ACME)
    assert registry().load("plain").__module__ == "plain_things"
    (refused,) = registry().refused
    assert (refused.name, refused.origin) == ("plain", "acme 1.2")
    assert "brings itself" in refused.reason


def test_of_two_plug_ins_with_one_name_neither_is_used(site: Path):
    install(site, "acme", {"acme": "acme_things:Acme"}, ACME)
    install(site, "other", {"acme": "other_things:Acme"}, ACME)
    assert registry().names() == ("plain",)
    assert ["other 1.2" in refused.reason or "acme 1.2" in refused.reason for refused in registry().refused] == [True, True]


@pytest.mark.parametrize(("code", "reason"), [
    ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("class Acme: name = section = 'acme'", "is not a Thing"),
    ("class Acme(Thing): name = section = 'emca'", "has name = 'emca', it must be 'acme'"),
    ("class Acme(Thing): name = 'acme'; section = 'plain'", "has section = 'plain', it must be 'acme'"),
    ("", "has no attribute 'Acme'"),
])
def test_a_plug_in_that_cannot_be_used_says_why_when_it_is_asked_for(site: Path, code: str, reason: str):
    install(site, "acme", {"acme": "acme_things:Acme"}, code)
    assert registry().load("plain")
    with pytest.raises(BackendUnavailable, match=r"uninstall acme 1\.2") as caught:
        registry().load("acme")
    assert reason in str(caught.value)


@pytest.mark.parametrize(("written", "found"), [("plain", "plain"), ("Plain", "plain"), ("simple", "plain")])
def test_a_name_is_found_in_any_case_and_by_its_aliases(written: str, found: str):
    assert registry(aliases={"simple": "plain"}).resolve(written, "here") == found


@pytest.mark.parametrize(("written", "said"), [
    ("plian", "here: there is no thing 'plian', did you mean plain? (allowed: plain)"),
    ("xyz", "here: there is no thing 'xyz', allowed: plain"),
    ("grand", "here: this version has no grand thing yet, allowed: plain"),
    ("grander", "here: this version has no grander thing yet, allowed: plain"),
])
def test_an_unknown_name_is_answered_with_what_there_is(written: str, said: str):
    answer = registry(aliases={"grander": "grand"}, later=["grand"]).resolve(written, "here")
    assert isinstance(answer, Problem)
    assert str(answer) == said


def test_a_plug_in_whose_code_fails_later_is_as_unavailable(site: Path):
    install(site, "acme", {"acme": "acme_things:Acme"}, ACME)
    with pytest.raises(BackendUnavailable, match="its code failed: ZeroDivisionError"):
        registry().ask("acme", lambda acme: 1 / 0)
    assert registry().ask("acme", lambda acme: acme.name) == "acme"


def test_choosing_collects_everything_that_is_wrong(site: Path):
    install(site, "acme", {"acme": "acme_things:Acme"}, "import no_such_module")

    def judge(thing: type[Thing], problems: list[Problem]) -> str | None:
        problems.append(Problem("block", f"{thing.name} is wrong"))
        return None

    chosen = registry().choose([("plain", "a"), ("typo", "b"), ("acme", "c")], judge)
    assert [problem.where for problem in chosen.mistakes] == ["block", "b"]
    assert [problem.where for problem in chosen.unavailable] == ["thing acme"]


def test_a_name_given_twice_is_chosen_once(site: Path):
    chosen = registry(aliases={"simple": "plain"}).choose([("plain", ""), ("simple", "")], lambda thing, problems: "options")
    assert [(thing.name, options) for thing, options in chosen.classes] == [("plain", "options")]
