"""Speeds measured against a yardstick in the same run, as ratios. Not run by the tests: `make bench`."""
