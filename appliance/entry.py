"""Where the frozen program starts."""

import sys

from soundmesh.__main__ import main

sys.exit(main())
