"""The steps that lead from an empty database to the present schema."""

REVISIONS = (
    "0001_initial",
    "0002_memories",
    "0003_standings_over_time",
    "0004_silences",
    "0005_replicas",
    "0006_bundles",
    "0007_held",
    "0008_history",
    "0009_maintenance",
    "0010_nights",
)
"""Every revision there is, oldest first: what is not among them was written by a newer version."""
