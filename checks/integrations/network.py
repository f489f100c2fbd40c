"""What is watched of the way out."""

from checks.integrations.built_in import MINUTE, BuiltIn
from checks.integrations.looks_http import control

CHECKS = (
    BuiltIn("control", MINUTE / 2, control, ("control",), why="whose fault it is: theirs, or our network's"),
)

PORTER, MAIL = "porter", "mail"
"""What the porter shows of itself beside them: that it is overloaded, and to whom letters are refused."""
