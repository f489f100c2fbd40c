"""A report <-> JSON, without loss."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from alerts.reports.report import Block, Cell, Chart, Kind, Point, Report, Section, Table, Tone

VERSION = 1


def written_report(report: Report) -> str:
    """Return a report as JSON text."""
    return json.dumps(as_json(report), ensure_ascii=False, separators=(",", ":"))


def as_json(report: Report) -> dict[str, Any]:
    """Return a report as JSON values; times are RFC 3339 in UTC."""
    known = report.known_from
    return {
        "version": VERSION,
        "kind": report.kind.value,
        "hotel": report.hotel,
        "hotel_name": report.hotel_name,
        "timezone": report.timezone,
        "from": report.begins.isoformat(),
        "to": report.ends.isoformat(),
        "made_at": report.made_at.isoformat(),
        "known_from": known.isoformat() if known else None,
        "headline": report.headline,
        "tone": report.tone.value,
        "figures": dict(report.figures),
        "evidence": dict(report.evidence),
        "sections": [
            {"heading": one.heading, "blocks": [_block_json(block) for block in one.blocks]}
            for one in report.sections
        ],
    }


def read_report(text: str) -> Report:
    """Return the report in a JSON text; raise ValueError or KeyError for what is none."""
    body = json.loads(text)
    if body["version"] > VERSION:
        raise ValueError(f"version {body['version']} of a report")
    known = body["known_from"]
    return Report(
        kind=Kind(body["kind"]),
        hotel=body["hotel"],
        hotel_name=body["hotel_name"],
        timezone=body["timezone"],
        begins=datetime.fromisoformat(body["from"]),
        ends=datetime.fromisoformat(body["to"]),
        made_at=datetime.fromisoformat(body["made_at"]),
        headline=body["headline"],
        tone=Tone(body["tone"]),
        sections=tuple(
            Section(one["heading"], tuple(_block_of(block) for block in one["blocks"]))
            for one in body["sections"]
        ),
        figures=body["figures"],
        evidence=body["evidence"],
        known_from=datetime.fromisoformat(known) if known else None,
    )


_TYPES: Mapping[str, type[Block]] = {"table": Table, "chart": Chart, "point": Point}
_NAMES = {kind: name for name, kind in _TYPES.items()}


def _block_json(block: Block) -> dict[str, Any]:
    return {"type": _NAMES[type(block)], **asdict(block)}


def _block_of(body: Mapping[str, Any]) -> Block:
    if body["type"] == "table":
        rows = tuple(
            tuple(Cell(cell["text"], Tone(cell["tone"]), cell["numeric"]) for cell in row)
            for row in body["rows"]
        )
        return Table(body["caption"], tuple(body["head"]), rows)
    if body["type"] == "chart":
        return Chart(
            title=body["title"],
            said=body["said"],
            values=tuple(body["values"]),
            first=body["first"],
            last=body["last"],
            unit=body["unit"],
            limit=body["limit"],
            before=tuple(body["before"]),
        )
    return Point(body["text"], Tone(body["tone"]), tuple(body["details"]), body["incident"])
