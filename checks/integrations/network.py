"""What is watched of the way out."""

from checks.integrations.built_in import MINUTE, BuiltIn

CHECKS = (
    BuiltIn("control", MINUTE / 2, None, ("control",), why="whose fault it is: theirs, or our network's"),
)
