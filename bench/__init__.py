"""Measurements, each side by side with its reference in one run: `run.py bench [NAME …] [--quick]`."""
