"""Plug-in files that builders add: every Python file in a folder, where a broken one disables only itself.

Owns finding and loading such files, in separate folders or one in each package, and that every name belongs to one
of them. Does not know what a plug-in is: the caller takes from each module what it should contain.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

from agents.kernel.location import PROJECT
from agents.kernel.problem import Problem, raised

PACKAGES = ("commands", "server", "typeclasses", "web", "world")
"""The project's packages other than those of the agents."""


def load[T](
    what: str,
    package: str,
    folders: Iterable[str | Path],
    take: Callable[[ModuleType], Iterable[tuple[str, T]]],
    taken: Iterable[str] = (),
) -> tuple[dict[str, T], list[Problem]]:
    """What was found, by name, and what is wrong with the files that were left out.

    Every file in `folders` whose name does not begin with `_` is loaded, in order of their names; `take` yields
    what its module contains, by name, or raises. `what` says which sort of file it is; `taken` are names that are
    already used elsewhere.
    """
    files = (path for folder in folders for path in Path(folder).glob("*.py") if not path.name.startswith("_"))
    found = ((path, path.name, partial(_module, path, package)) for path in sorted(files, key=lambda path: path.name))
    return _held(what, found, take, dict.fromkeys(taken, "use"))


def of_packages[T](
    what: str, stem: str, take: Callable[[ModuleType], Iterable[tuple[str, T]]]
) -> tuple[dict[str, T], list[Problem]]:
    """The same for the file `stem` in every package that has one: those of the agents by name, then the others."""
    found = (
        (path, name.replace(".", "/") + ".py", partial(importlib.import_module, name))
        for path, name in _in_packages(stem)
    )
    return _held(what, found, take, {})


def _in_packages(stem: str) -> Iterator[tuple[Path, str]]:
    """(path, module name) of each."""
    for folder in map(Path, _agents()):
        for path in sorted(folder.glob(f"*/{stem}.py")):
            yield path, f"agents.{path.parent.name}.{stem}"
    for package in PACKAGES:
        if (path := PROJECT / package / f"{stem}.py").is_file():
            yield path, f"{package}.{stem}"


def folders(name: str) -> list[Path]:
    """The folders with this name (`actions`, `kinds`, `tools`) beside a package's `part.py`."""
    packages = (file.parent for root in map(Path, _agents()) for file in sorted(root.glob("*/part.py")))
    return [package / name for package in packages if (package / name).is_dir()]


def _agents() -> Iterable[str]:
    return importlib.import_module("agents").__path__


def apps() -> list[str]:
    """The Django apps of the agents: the common one, and each package with its own tables and migrations."""
    own = [
        f"agents.{models.parent.name}"
        for folder in _agents()
        for models in sorted(Path(folder).glob("*/models.py"))
        if (models.with_name("migrations") / "__init__.py").is_file()
    ]
    return ["agents.apps.AgentsConfig", *own]


def _held[T](
    what: str,
    files: Iterable[tuple[Path, str, Callable[[], ModuleType]]],
    take: Callable[[ModuleType], Iterable[tuple[str, T]]],
    owner: dict[str, str],
) -> tuple[dict[str, T], list[Problem]]:
    """What the files' modules contain; `files` are (path, display name, loader)."""
    found: dict[str, T] = {}
    problems: list[Problem] = []
    importlib.invalidate_caches()
    for path, called, module in files:
        held: dict[str, T] = {}
        try:
            for name, part in take(module()):
                if name in owner or name in held:
                    raise ValueError(f"{name} is already in {owner.get(name, called)}")
                held[name] = part
        except (Exception, SystemExit) as error:  # noqa: BLE001  a builder's file may raise anything; it is told, and the others load
            problems.append(replace(raised(error, path, what), file=called))
            continue
        found.update(held)
        owner.update(dict.fromkeys(held, called))
    return found, problems


def _module(path: Path, package: str) -> ModuleType:
    """The module in `path`: imported normally if its folder belongs to a package, otherwise under a private name."""
    if path.parent in map(Path, importlib.import_module(package).__path__):
        return importlib.import_module(f"{package}.{path.stem}")
    for folder in map(Path, _agents()):
        if path.is_relative_to(folder):
            return importlib.import_module(".".join(("agents", *path.relative_to(folder).with_suffix("").parts)))
    name = f"_{package.replace('.', '_')}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("it cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic resolves annotations through the module table
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
