"""Fails when the panel's first route is heavier than promised: a phone waits for every byte."""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
BUDGET = {"js": 130 * 1024, "css": 15 * 1024}


def main() -> int:
    """Weigh what index.html asks for at once, gzipped."""
    index = (DIST / "index.html").read_text()
    files = re.findall(r'(?:src|href)="/?([^"]+\.(?:js|css))"', index)
    over = False
    for kind, limit in BUDGET.items():
        names = [f for f in files if f.endswith(f".{kind}")]
        size = sum(len(gzip.compress((DIST / f).read_bytes(), mtime=0)) for f in names)
        over |= size > limit or not names
        print(f"{kind}: {size / 1024:.1f} of {limit / 1024:.0f} KiB in {len(names)} files")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
