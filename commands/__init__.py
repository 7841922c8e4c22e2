"""What a person types: grammar, verbs, and their adapters. Parse, call a service, render.

Decides nothing: permission is `may()`, state is the services', looks are the screen's.
"""
