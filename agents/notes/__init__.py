"""Notes that people and agents leave in rooms: words on a wall, and no authority."""
