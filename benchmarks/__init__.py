"""Measurements: what the porter costs, beside peers in the same run; ratios mean something elsewhere.

`python -m benchmarks` measures all areas into `benchmarks/results/latest.json`. An area is a module with
`area(setting)`, which returns what is kept of it: JSON, with all runs of a figure as a list, never their
median alone.
"""
