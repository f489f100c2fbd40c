"""All rules, in the order they are asked: what explains most comes first."""

from alerts.diagnosis.rule import Rule

RULES: tuple[Rule, ...] = ()
