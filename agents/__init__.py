"""What an agent is and does: planning, work, governance, minds.

This package knows nothing of Evennia. The world reaches it through services and
the ports each package names; the tree points one way (see README and pyproject's
import contracts).
"""
