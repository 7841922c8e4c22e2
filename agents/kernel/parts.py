"""The parts that builders add: every Python file of a folder, of which a broken one costs only itself.

Owns the finding and loading of such files, in folders of their own or one in each package, and that a
name belongs to one of them. Refuses to know what a part is: whoever asks takes out of each module what it is to hold.
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
"""The project's packages beside those of the agents."""


def load[T](
    what: str,
    package: str,
    folders: Iterable[str | Path],
    take: Callable[[ModuleType], Iterable[tuple[str, T]]],
    taken: Iterable[str] = (),
) -> tuple[dict[str, T], list[Problem]]:
    """The parts by name, and what is wrong with the files that are left out whole.

    Every file of `folders` that does not begin with `_` is loaded, in the order of their names;
    `take` yields what its module holds, by name, or raises. `what` says which sort of file it is;
    `taken` are names that belong to parts from elsewhere.
    """
    files = (path for folder in folders for path in Path(folder).glob("*.py") if not path.name.startswith("_"))
    found = ((path, path.name, partial(_module, path, package)) for path in sorted(files, key=lambda path: path.name))
    return _held(what, found, take, dict.fromkeys(taken, "use"))


def of_packages[T](
    what: str, stem: str, take: Callable[[ModuleType], Iterable[tuple[str, T]]]
) -> tuple[dict[str, T], list[Problem]]:
    """The same of the file `stem` of every package that has one: those of the agents by name, then the others."""
    found = (
        (path, name.replace(".", "/") + ".py", partial(importlib.import_module, name))
        for path, name in _in_packages(stem)
    )
    return _held(what, found, take, {})


def _in_packages(stem: str) -> Iterator[tuple[Path, str]]:
    """(path, name of the module) of each."""
    for folder in map(Path, _agents()):
        for path in sorted(folder.glob(f"*/{stem}.py")):
            yield path, f"agents.{path.parent.name}.{stem}"
    for package in PACKAGES:
        if (path := PROJECT / package / f"{stem}.py").is_file():
            yield path, f"{package}.{stem}"


def folders(name: str) -> list[Path]:
    """The folders of this name (`actions`, `kinds`, `tools`) beside the `part.py` of a package."""
    packages = (file.parent for root in map(Path, _agents()) for file in sorted(root.glob("*/part.py")))
    return [package / name for package in packages if (package / name).is_dir()]


def _agents() -> Iterable[str]:
    return importlib.import_module("agents").__path__


def apps() -> list[str]:
    """The Django apps of the agents: the common one, and each package that has tables and migrations of its own."""
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
    """What the modules of the files hold; `files` are (path, how it is called, what loads it)."""
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
    """The module in `path`: the imported one where its folder is of the package or of another one of the agents, else
    one of its own name.
    """
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
