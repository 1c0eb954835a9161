"""`python -m cnndsl.cli`: cnnc where its script is not on the PATH."""

import sys

from cnndsl.cli import main

sys.exit(main())
