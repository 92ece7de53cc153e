"""``python -m soundmesh`` and the frozen program's entry."""

import sys

from soundmesh.cli import main

if __name__ == "__main__":
    sys.exit(main())
