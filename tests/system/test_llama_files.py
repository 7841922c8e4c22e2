"""Model files that llama.cpp must not read, or cannot."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from agents.cascade.ports import Call, Fault, Message
from agents.cascade.providers.llama import Llama
from tests.support.tiny_llama import BINDINGS, ask, fault_of, heard, running, with_llama

pytestmark = pytest.mark.system


# -- files that are refused -----------------------------------------------------------------------


def _spoilt(kind: str, tiny: Path, folder: Path) -> Path:
    path = folder / "other.gguf"
    data = bytearray(tiny.read_bytes())
    if kind == "a folder":
        path.mkdir()
    elif kind == "no GGUF":
        path.write_bytes(b"<html>Not found</html>" * 50)
    elif kind == "empty":
        path.touch()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "cut short":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "corrupt":
        data[40:400] = b"\xff" * 360
        path.write_bytes(data)
    elif kind == "another":
        data[-1] ^= 1
        path.write_bytes(data)
    return path


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "there is no file"),
        ("a folder", "is a folder"),
        ("no GGUF", "is not a GGUF file"),
        ("empty", "it is empty"),
        ("a pipe", "is not a file"),
        ("cut short", "llama.cpp cannot load the file"),
        ("corrupt", "llama.cpp cannot load the file"),
        ("another", "is not the file whose hash was recorded"),
    ],
)
def test_a_file_that_is_no_good_is_refused_in_words(
    binding: str, kind: str, words: str, tiny: tuple[Path, str], tmp_path: Path
) -> None:
    path = _spoilt(kind, tiny[0], tmp_path)
    right = kind in ("cut short", "corrupt")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if right else tiny[1]

    async def run() -> None:
        async with running(path, sha256, binding=binding) as provider:
            call = Call("other", (Message("user", "?"),))
            first = await fault_of(heard(provider, call))
            assert first.kind is Fault.NO_MODEL and words in first.said, first.said
            assert provider.pid is None
            again = await fault_of(provider.models())
            assert again.said == first.said, "what is known of the file is told without reading it anew"
            if kind != "a folder":
                path.unlink(missing_ok=True)
                path.write_bytes(tiny[0].read_bytes())
                provider._sha256 = provider._wanted["sha256"] = tiny[1]
                assert await heard(provider, call), "a file that was mended is loaded"

    asyncio.run(run())


def test_a_file_whose_hash_nobody_recorded_is_refused(tiny: tuple[Path, str]) -> None:
    async def run() -> None:
        for sha256 in ("", "abc", "z" * 64):
            async with running(tiny[0], sha256) as provider:
                fault = await fault_of(provider.models())
                assert fault.kind is Fault.NO_MODEL and "sha256sum" in fault.said

    asyncio.run(run())


def test_a_binding_that_is_not_installed_is_told(tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        fault = await fault_of(heard(provider, ask()))
        assert fault.kind is Fault.DEAD and "is not installed" in fault.said

    with_llama(tiny, body, binding="no-such-binding")
