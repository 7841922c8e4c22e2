"""Acts of the day, one file each."""
