"""What an incident gives a person beside its diagnosis: one file for each thing that helps."""
