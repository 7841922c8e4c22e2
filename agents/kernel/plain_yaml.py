"""How YAML is read: plain data alone, and by the library's reader in C wherever it was built with it.

Owns the choice of the reader; that in Python takes ten times as long. Refuses to bound what is read: a file's own
limits are its reader's.
"""

from __future__ import annotations

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
