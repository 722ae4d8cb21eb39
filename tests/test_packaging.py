"""pyproject.toml against the tree: what is installed is what is here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from setuptools import find_packages

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
NOT_INSTALLED = {"tests", "benchmarks", "scripts"}


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    found = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines if line and line[0] not in "#-"]
    assert None not in found, f"{file}: every line is name==version"
    return {pin[1]: pin[2] for pin in found if pin}


def test_every_root_module_is_installed():
    assert PROJECT["tool"]["setuptools"]["py-modules"] == sorted(path.stem for path in ROOT.glob("*.py"))


def test_every_package_is_installed():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_INSTALLED
    include = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert packages == {pattern.rstrip("*") for pattern in include}
    assert {name.split(".")[0] for name in find_packages(str(ROOT), include=include)} == packages


def test_every_folder_of_modules_in_a_package_is_a_package_itself():
    for package in find_packages(str(ROOT), include=PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]):
        for module in (ROOT / package.replace(".", "/")).rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), f"{module.parent} would be left out"


def test_every_requirement_is_pinned():
    assert pins("requirements.txt")
    assert pins("requirements-dev.txt")


def test_an_extra_asks_for_the_version_the_tests_ran_with():
    everything = pins("requirements.txt") | pins("requirements-dev.txt")
    for name, wanted in PROJECT["project"]["optional-dependencies"].items():
        for pin in wanted:
            package, _, version = pin.partition("==")
            assert everything[package] == version, f"extra {name}"
