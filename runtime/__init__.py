"""Plumbing that would make sense in a project without video."""
