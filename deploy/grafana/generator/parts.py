"""What dashboards are made of: panels with a query, laid out in rows of 24 columns."""

from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]
SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
GREEN, YELLOW, RED, BLUE, GREY = "green", "yellow", "red", "blue", "text"


def steps(*limits: tuple[float, str], base: str = GREEN) -> Json:
    """Return thresholds: `base`, then each colour from its limit on."""
    first: Json = {"color": base, "value": None}
    return {"mode": "absolute", "steps": [first, *({"color": color, "value": at} for at, color in limits)]}


def words(**named: tuple[float, str]) -> list[Json]:
    """Return mappings from values to words with colours; `_` stands for a space."""
    options = {
        f"{value:g}": {"text": word.replace("_", " "), "color": color, "index": index}
        for index, (word, (value, color)) in enumerate(named.items())
    }
    return [{"type": "value", "options": options}]


def query(expr: str, legend: str = "__auto", *, table: bool = False, instant: bool = False) -> Json:
    """Return a query; a table shows it as of now."""
    found: Json = {"datasource": SOURCE, "expr": expr, "legendFormat": legend, "editorMode": "code"}
    if table:
        return found | {"format": "table", "instant": True, "range": False}
    return found | {"instant": instant, "range": not instant}


def panel(kind: str, title: str, description: str, queries: Iterable[Json], **more: Any) -> Json:
    """Return a panel. `unit`, `thresholds`, `mappings`, `custom`, `decimals`, `min`, `max` and `overrides` are its fields'."""
    names = ("unit", "thresholds", "mappings", "custom", "decimals", "min", "max", "links", "noValue")
    defaults = {name: more.pop(name) for name in names if name in more}
    overrides = more.pop("overrides", [])
    targets = [one | {"refId": chr(ord("A") + number)} for number, one in enumerate(queries)]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        **more,
    }


def stat(title: str, description: str, expr: str, unit: str = "short", **more: Any) -> Json:
    """Return one large number, as of now."""
    options = {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "center",
        "textMode": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }
    return panel("stat", title, description, [query(expr, instant=True)], unit=unit, options=options, **more)


def lines(title: str, description: str, queries: Sequence[Json], unit: str, **more: Any) -> Json:
    """Return curves over time; thresholds are drawn as dashed lines."""
    custom = {"fillOpacity": 8, "lineWidth": 1, "showPoints": "never", "spanNulls": False}
    if "thresholds" in more:
        custom["thresholdsStyle"] = {"mode": "dashed"}
    if more.pop("stacked", False):
        custom |= {"stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 30}
    if more.pop("bars", False):
        custom |= {"drawStyle": "bars", "fillOpacity": 60, "stacking": {"mode": "normal", "group": "A"}}
    options = {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    more = {"min": 0} | more
    return panel("timeseries", title, description, queries, unit=unit, custom=custom, options=options, **more)


def timeline(
    title: str, description: str, queries: Sequence[Json], mappings: list[Json], **more: Any
) -> Json:
    """Return coloured bars of states over time."""
    options = {"showValue": "never", "mergeValues": True, "rowHeight": 0.8, "legend": {"showLegend": True}}
    return panel(
        "state-timeline", title, description, queries, mappings=mappings, options=options, unit="none", **more
    )


def table(title: str, description: str, expr: str, columns: Sequence[str], **more: Any) -> Json:
    """Return labels as columns, in this order; `value` names that of the value, hidden without a name."""
    value = more.pop("value", None)
    hidden = {name: True for name in ("Time", "__name__", "job", "instance") if name not in columns}
    organize: Json = {
        "excludeByName": hidden | ({} if value else {"Value": True}),
        "indexByName": {name: index for index, name in enumerate([*columns, "Value"])},
        "renameByName": {"Value": value} if value else {},
    }
    options = {"showHeader": True, "sortBy": more.pop("sort", [])}
    return panel(
        "table",
        title,
        description,
        [query(expr, table=True)],
        options=options,
        transformations=[{"id": "organize", "options": organize}],
        **({"unit": "none"} | more),
    )


def bars(title: str, description: str, queries: Sequence[Json], unit: str, **more: Any) -> Json:
    """Return horizontal bars, as of now."""
    options = {
        "orientation": "horizontal",
        "displayMode": "basic",
        "showUnfilled": True,
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }
    return panel("bargauge", title, description, queries, unit=unit, options=options, **more)


def link(title: str, url: str) -> Json:
    """Return a link to a page of the porter."""
    return {"title": title, "url": url, "targetBlank": True}


def column(name: str, **properties: Any) -> Json:
    """Return what holds for one column of a table."""
    found = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": found}


def choice(name: str, label: str, asked: str, *, several: bool) -> Json:
    """Return a variable with the values of a label."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": asked, "refId": name},
        "definition": asked,
        "refresh": 2,
        "sort": 1,
        "multi": several,
        "includeAll": several,
        "allValue": ".+" if several else None,
        "current": {"text": ["All"], "value": ["$__all"]} if several else {},
    }


def _source() -> Json:
    return {
        "name": "datasource",
        "label": "Source",
        "type": "datasource",
        "query": "prometheus",
        "current": {},
    }


def _address() -> Json:
    at = "http://127.0.0.1:9187"
    option = {"selected": True, "text": at, "value": at}
    return {
        "name": "porter",
        "label": "Porter",
        "type": "textbox",
        "query": at,
        "current": option,
        "options": [option],
    }


def dashboard(
    uid: str,
    title: str,
    description: str,
    variables: Sequence[Json],
    rows: Sequence[tuple[str, int, Sequence[tuple[int, Json]]]],
    *,
    incidents: str,
) -> Json:
    """Return a dashboard. A row is its title, the height of its panels, and these with their widths."""
    panels: list[Json] = []
    y = 0
    for name, height, row in rows:
        if name:
            at = {"x": 0, "y": y, "w": 24, "h": 1}
            panels.append({"type": "row", "title": name, "collapsed": False, "gridPos": at, "panels": []})
            y += 1
        x = 0
        for width, one in row:
            panels.append(one | {"gridPos": {"x": x, "y": y, "w": width, "h": height}})
            x += width
        y += height
    told: Json = {
        "name": "Incidents",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": RED,
        "expr": incidents,
        "step": "60s",
        "titleFormat": "{{hotel}}: {{integration}}: {{cause}}",
        "textFormat": "{{severity}}, {{state}}, incident {{id}}",
        "tagKeys": "severity",
    }
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["nightporter"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "links": [
            {
                "title": "Status page",
                "type": "link",
                "url": "${porter}/",
                "targetBlank": True,
                "icon": "external link",
            },
            {
                "title": "Night Porter",
                "type": "dashboards",
                "tags": ["nightporter"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
            },
        ],
        "annotations": {"list": [told]},
        "templating": {"list": [_source(), *variables, _address()]},
        "panels": [one | {"id": number} for number, one in enumerate(panels, 1)],
    }
