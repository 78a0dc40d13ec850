"""The tests are imported by file, so this folder's own modules are not found otherwise."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
