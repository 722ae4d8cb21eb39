"""`python -m tests.crash_run POINT VISIT ARGUMENTS`: the real pipeline, killed at a commit point. Not a test."""

import sys

import cli
from pipeline import run_pipeline
from runtime import commit_points

if __name__ == "__main__":
    commit_points.arm(sys.argv[1], int(sys.argv[2]))
    sys.exit(cli.main(run_pipeline, sys.argv[3:]))
