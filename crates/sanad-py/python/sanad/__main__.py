"""`python -m sanad` is the program `sanad`."""

import sys

from sanad._program import main

sys.exit(main())
