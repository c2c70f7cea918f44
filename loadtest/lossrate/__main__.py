"""`python3 -m lossrate`."""

import sys

from lossrate.cli import main

sys.exit(main())
