"""The two text formats of metrics: Prometheus 0.0.4 and OpenMetrics 1.0."""

import math
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
END = "# EOF\n"
"""What an OpenMetrics exposition ends with."""

_UNITS = ("seconds", "ratio", "bytes")


def head(name: str, kind: str, documentation: str, *, openmetrics: bool) -> str:
    """Return the lines that begin a family; `name` is without `_total`."""
    shown = f"{name}_total" if kind == "counter" and not openmetrics else name
    text = documentation.replace("\\", "\\\\").replace("\n", "\\n")
    if not openmetrics:
        return f"# HELP {shown} {text}\n# TYPE {shown} {kind}\n"
    text = text.replace('"', '\\"')
    unit = next((f"# UNIT {shown} {unit}\n" for unit in _UNITS if shown.endswith(f"_{unit}")), "")
    return f"# HELP {shown} {text}\n# TYPE {shown} {kind}\n{unit}"


def labels(values: Mapping[str, str]) -> str:
    """Return labels as they stand between the braces."""
    return ",".join(f'{name}="{escape(value)}"' for name, value in values.items())


def escape(value: str) -> str:
    """Return a label value fit for its quotes, in UTF-8 whatever it holds."""
    plain = value.encode("utf-8", "replace").decode("utf-8")
    return plain.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def number(value: float) -> str:
    """Return a sample's value."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def registered(registry: CollectorRegistry, *, openmetrics: bool) -> Iterator[str]:
    """Return the families of a registry, as text.

    `_created` samples are left out: they double the series and say nothing that `resets` does not. A gauge
    that is NaN has no value yet.
    """
    for family in registry.collect():
        lines = [
            f"{sample.name}{{{labels(sample.labels)}}} {number(sample.value)}\n"
            if sample.labels
            else f"{sample.name} {number(sample.value)}\n"
            for sample in family.samples
            if not sample.name.endswith("_created") and not math.isnan(sample.value)
        ]
        if lines:
            yield _head_of(family, openmetrics=openmetrics) + "".join(lines)


def _head_of(family: Metric, *, openmetrics: bool) -> str:
    return head(family.name, family.type, family.documentation, openmetrics=openmetrics)
