"""The report as one HTML page: report.py gathers what it shows. Reads no file but its own style sheet."""
