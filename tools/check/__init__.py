"""Checks the content in seconds: what is wrong, in which file and line, and the cure."""
