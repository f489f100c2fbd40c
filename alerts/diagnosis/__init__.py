"""The decision table: which facts show which cause, as data, one file per area."""
