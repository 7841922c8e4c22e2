"""Survey in parts: `parts` and what it stands on run in the sandbox, `report` tells the results."""
