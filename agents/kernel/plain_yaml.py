"""How YAML is read: only plain data, with the library's C parser if it was built with one.

Owns the choice of parser; the one in Python takes ten times as long. Does not limit the input: that is up to each
file's reader.
"""

from __future__ import annotations

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
