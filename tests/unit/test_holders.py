"""Who has a file open is found, whatever its path is called by."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server import holders


@pytest.mark.skipif(not holders.PROC.is_dir(), reason="there is no /proc on this system")
def test_a_program_that_has_the_file_open_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    command = [
        sys.executable,
        "-c",
        "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()",
        str(tmp_path / "file"),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = holders.of(tmp_path / "link", {os.getpid()})
        assert [pid for pid, _ in found] == [other.pid]
        assert str(tmp_path / "file") in found[0][1]
        assert holders.of(tmp_path / "file", {os.getpid(), other.pid}) == []
        other.communicate()
    assert holders.of(tmp_path / "file", set()) == []
