"""The greeting of newcomers."""
