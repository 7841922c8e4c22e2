"""The survey's modules: `parts` and its helpers run in the sandbox, `report` describes the results."""
