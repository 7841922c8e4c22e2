"""The house of parts: their common services, their contract, and the house itself, which finds them and calls them in
turn.
"""
