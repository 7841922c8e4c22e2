"""The parts that builders add: every Python file of a folder, of which a broken one costs only itself.

Owns the finding and loading of such files, and that a name belongs to one of them. Refuses to
know what a part is: whoever asks takes out of each module what it is to hold.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from agents.kernel.problem import Problem, raised

T = TypeVar("T")


def load(
    what: str, package: str, folders: Iterable[str | Path], take: Callable[[ModuleType], Iterable[tuple[str, T]]],
    taken: Iterable[str] = (),
) -> tuple[dict[str, T], list[Problem]]:
    """The parts by name, and what is wrong with the files that are left out whole.

    Every file of `folders` that does not begin with `_` is loaded, in the order of their names;
    `take` yields what its module holds, by name, or raises. `what` says which sort of file it is;
    `taken` are names that belong to parts from elsewhere.
    """
    found: dict[str, T] = {}
    owner = dict.fromkeys(taken, "use")
    problems: list[Problem] = []
    importlib.invalidate_caches()
    files = (path for folder in folders for path in Path(folder).glob("*.py") if not path.name.startswith("_"))
    for path in sorted(files, key=lambda path: path.name):
        held: dict[str, T] = {}
        try:
            for name, part in take(_module(path, package)):
                if name in owner or name in held:
                    raise ValueError(f"{name} is already in {owner.get(name, path.name)}")
                held[name] = part
        except (Exception, SystemExit) as error:  # noqa: BLE001  a builder's file may raise anything; it is told, and the others load
            problems.append(raised(error, path, what))
            continue
        found.update(held)
        owner.update(dict.fromkeys(held, path.name))
    return found, problems


def _module(path: Path, package: str) -> ModuleType:
    """The module in `path`: the imported one where its folder is of the package, else one of its own name."""
    if path.parent in map(Path, importlib.import_module(package).__path__):
        return importlib.import_module(f"{package}.{path.stem}")
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
