"""Freezes the appliance into dist/soundmesh/soundmesh; does nothing when its sources did not change."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "dist" / "soundmesh" / "soundmesh"
STAMP = ROOT / "build" / "pack.stamp"
PARTS = ("soundmesh", "appliance", "web/dist")
FILES = ("requirements-dev.lock", "scripts/pack.py")
SOURCE_DATE = "1700000000"
"""Any fixed moment: it makes two builds of one source equal."""


def main(force: bool) -> int:
    """Exit code of PyInstaller, 0 when nothing was to do."""
    key = source_hash()
    if not force and PROGRAM.exists() and STAMP.exists() and STAMP.read_text() == key:
        print(f"{PROGRAM.relative_to(ROOT)} is up to date.")
        return 0
    env = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": SOURCE_DATE}
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"]
    command += ["--distpath=dist", "--workpath=build/pyinstaller", "appliance/soundmesh.spec"]
    code = subprocess.run(command, cwd=ROOT, env=env).returncode
    if code == 0:
        STAMP.write_text(key)
        size = sum(f.stat().st_size for f in PROGRAM.parent.rglob("*") if f.is_file() and not f.is_symlink())
        print(f"{PROGRAM.relative_to(ROOT)}: {size / 1e6:.0f} MB")
    return code


def source_hash() -> str:
    """One hash over everything that goes into the program."""
    files = [ROOT / name for name in FILES]
    for part in PARTS:
        files += [f for f in (ROOT / part).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    total = hashlib.sha256(sys.version.encode())
    for path in sorted(files):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main("--force" in sys.argv[1:]))
