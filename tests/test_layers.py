"""The picture of the house, held: who may import whom, no cycles, sizes, and no name that hides somebody else's."""

import ast
import importlib.metadata
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
AWAY = {".venv", "build", "dist", "runs", "tests", "Wan2.1", "FramePack"}

RANKS = [
    {"errors"},
    {"runtime", "media", "prompt_labels"},
    {"catalogue"},
    {"storyboard", "config", "config_model", "config_paths", "orders", "moderation"},
    {"video_generator_interface"},
    {"image_generator_interface", "timeline", "vendors"},
    {"backend_factory"},
    {"keyframe_slots"},
    {"keyframe_wishes", "keyframe_checks"},
    {"generators", "image_generators", "offline_planner"},
    {"prompt_planner", "attempts", "leftovers", "cost_estimator", "cost_lines", "language_model", "llm_planner"},
    {"keyframe_masks"},
    {"painting"},
    {"sheets", "candidates"},
    {"picture_judge"},
    {"picture_costs"},
    {"keyframe_takes"},
    {"keyframe_guides", "keyframe_extensions"},
    {"keyframes"},
    {"segments", "planning"},
    {"film", "checks"},
    {"standing"},
    {"consent", "cost_comparison", "preview"},
    {"terminal", "report"},
    {"commands"},
    {"cli"},
    {"pipeline"},
    {"benchmarks", "scripts"},
]
"""Each may import what stands above it, and its own. Stages get backends as arguments: none may import a factory."""
TOGETHER = {
    "planning": {"kept_plan"},
    "terminal": {"terminal_estimate", "terminal_live", "terminal_storyboard"}, "report": {"report_page"},
    "catalogue": {"catalogue_entry", "catalogue_images", "catalogue_language", "catalogue_model", "catalogue_providers"},
}
NEVER = {
    ("media", "runtime"), ("runtime", "media"), ("generators", "config"), ("generators", "image_generators"),
    ("image_generators", "generators"), ("keyframes", "image_generators"), ("segments", "generators"),
    ("film", "generators"), ("preview", "generators"), ("preview", "image_generators"), ("checks", "generators"),
    ("cli", "pipeline"), ("commands", "pipeline"), ("media", "storyboard"), ("prompt_planner", "generators"),
    ("language_model", "generators"), ("llm_planner", "generators"), ("language_model", "storyboard"),
}


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Dotted name -> file of every module of ours."""
    found = [path for path in root.rglob("*.py") if not AWAY & set(path.relative_to(root).parts)]
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in found}


def imports(path: Path, ours: set[str], *, at_run_time: bool = False) -> set[str]:
    """The modules of ours that a file imports, `from package import module` resolved to the module."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aside = {id(inner) for node in ast.walk(tree) if at_run_time and _typing_only(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in aside:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in ours else node.module
                      for alias in node.names}
    return {name for name in found if name in ours or f"{name}.__init__" in ours}


def _typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def room(module: str) -> str:
    top = module.split(".")[0]
    return next((owner for owner, parts in TOGETHER.items() if top in parts), top)


def violations(root: Path = ROOT) -> list[str]:
    """Every import that goes up, sideways between rooms that must not know each other, or around in a circle."""
    found, all_modules = [], modules(root)
    rank = {name: position for position, names in enumerate(RANKS) for name in names}
    for module, path in sorted(all_modules.items()):
        here = room(module)
        if here not in rank:
            found.append(f"{module}: which room does it belong to? (RANKS in tests/test_layers.py, docs/architecture.md)")
            continue
        for other in sorted(imports(path, set(all_modules))):
            there = room(other)
            if module.endswith("factory") and there == "config":
                continue  # a factory is where config ends and backends begin
            if (here, there) in NEVER or rank[there] > rank[here]:
                found.append(f"{module} imports {other}")
    return found


def cycles(root: Path = ROOT) -> list[str]:
    all_modules = modules(root)
    ours = set(all_modules)
    graph = {name: imports(path, ours, at_run_time=True) & ours for name, path in all_modules.items()}
    found: list[str] = []
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append(" -> ".join([*trail[trail.index(name):], name]))
        elif name not in done:
            for other in sorted(graph[name]):
                walk(other, [*trail, name])
            done.add(name)

    for name in sorted(graph):
        walk(name, [])
    return found


def oversized(root: Path = ROOT) -> list[str]:
    found = []
    for module, path in sorted(modules(root).items()):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 300:
            found.append(f"{module} has {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > 60:
                found.append(f"{module}.{node.name} has {_length(node)} lines")
    return found


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_imports_go_downwards_only():
    assert violations() == []


def test_there_are_no_import_cycles():
    assert cycles() == []


def test_no_module_and_no_function_has_grown_two_jobs():
    assert oversized() == []


def test_a_broad_except_stands_at_the_process_boundary_only():
    broad = []
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and _names(node) & {"Exception", "BaseException"} and not _reraises(node):
                broad.append(module)
    assert set(broad) <= {"cli", "runtime.registry"}


def _names(handler: ast.ExceptHandler) -> set[str]:
    return {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"BaseException"}


def _reraises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_no_root_name_shadows_the_standard_library_or_an_installed_distribution():
    roots = {name.split(".")[0] for name in modules()}
    ours = {"longtake"}
    installed = {top for top, owners in importlib.metadata.packages_distributions().items() if set(owners) - ours}
    assert roots & set(sys.stdlib_module_names) == set()
    assert roots & installed == set()


def test_the_processes_and_the_environment_have_one_door_each():
    doors = {"subprocess": {"runtime.process", "runtime.process_guard"}}
    for name, allowed in doors.items():
        users = {module for module, path in modules().items() if f"import {name}" in path.read_text(encoding="utf-8")
                 and module.split(".")[0] not in ("benchmarks", "scripts")}
        assert users <= allowed
    readers = {module for module, path in modules().items() if "os.environ" in path.read_text(encoding="utf-8")
               and module.split(".")[0] not in ("benchmarks", "scripts")}
    assert readers <= {"config"}


@pytest.mark.parametrize(("where", "text", "seen"), [
    ("media/probe.py", "import storyboard\n", "media.probe imports storyboard"),
    ("generators/acme_generator.py", "from config import PipelineConfig\n", "generators.acme_generator imports config"),
    ("segments.py", "import generators.factory\n", "segments imports generators.factory"),
    ("helpers.py", "", "helpers: which room"),
])
def test_a_planted_violation_is_seen(tmp_path, where, text, seen):
    for name in ("storyboard.py", "config.py", "generators/factory.py", where):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text if name == where else "")
    assert [line for line in violations(tmp_path) if line.startswith(seen)]


def test_a_planted_cycle_and_a_planted_giant_are_seen(tmp_path):
    (tmp_path / "storyboard.py").write_text("import config\n")
    (tmp_path / "config.py").write_text("import storyboard\n" + "\n" * 300)
    assert cycles(tmp_path) == ["config -> storyboard -> config"]
    assert oversized(tmp_path) == ["config has 301 lines"]
