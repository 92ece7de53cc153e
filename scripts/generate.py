"""Writes the files that are made from code, or with --check says which are stale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "configs" / "reference.toml"


def main(check: bool) -> int:
    """Exit code 1 when --check found a stale file."""
    from soundmesh.config.document import reference_toml

    text = reference_toml()
    stale = not REFERENCE.exists() or REFERENCE.read_text() != text
    if stale and check:
        print(f"{REFERENCE.relative_to(ROOT)} is stale. Run: just gen")
    elif stale:
        REFERENCE.write_text(text)
        print(f"wrote {REFERENCE.relative_to(ROOT)}")
    command = [sys.executable, "-m", "soundmesh.wire.typescript", *(["--check"] if check else [])]
    types = subprocess.run(command, cwd=ROOT).returncode
    return 1 if types or (stale and check) else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
