"""Kinds of work for simulated days: their steps take time and sometimes fail, and touch nothing outside."""
