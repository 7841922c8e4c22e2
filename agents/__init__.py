"""What an agent is and does: planning, work, governance, minds.

This package knows nothing of Evennia. The world reaches it through services and the ports that each package names;
imports point in one direction (see README and the import contracts in pyproject.toml).
"""
