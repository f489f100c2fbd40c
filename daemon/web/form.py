"""What a form of ours sends."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from daemon.web.answer import RefusedError
from daemon.web.body import arrived

KIND = "application/x-www-form-urlencoded"
MOST_FIELDS = 25


async def read(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form, the first of each name; refuse what is no form, or has too many."""
    body = await arrived(request)
    if body and request.content_type != KIND:
        raise RefusedError(415, "This address takes what its own form sends.")
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise RefusedError(400, "The form has too many fields.") from None
    return dict(reversed(pairs))
