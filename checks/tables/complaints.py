"""What the PMS says of a reservation it could not take, as conditions of SQL on the text `error`.

Only their class leaves the database, as the text may name a guest. Nouns decide: a service that is not
available is no sold-out room, and a rate plan without a mapping no room type.
"""

UNMAPPED = r"""(error ~* '\mroom'
    AND error ~* 'not mapped|unmapped|no mapping|mapping (is )?(missing|not found)'
    AND error !~* 'rate')"""

NO_INVENTORY = r"""(
    error ~* '(insufficient|no|not enough|lacking) (\w+ )?(inventory|availability|rooms?)|overbook|sold out'
    OR error ~* '(inventory|availability|\mroom).*(not available|unavailable|exhausted)'
) AND error !~* 'service|server|temporar|time(d )?out|connection|\m50[0-4]\M|\mapi\M'"""

NO_ORIGINAL = r"""error ~* '(reservation|booking|original).*(not found|does not exist|unknown)'
    OR error ~* '(unknown|no such|cannot find|could not find) (original |ota )?(reservation|booking)'"""

INVALID = "error ~* 'valid|missing|malformed|required'"

_CODE = r"""["'(]?([[:alnum:]][[:alnum:]_.-]{0,19})["')]?"""
_GAP = "(?:not mapped|unmapped|no mapping|mapping (?:is )?(?:missing|not found))"
_ROOM = r"\mroom(?:[ -]?type)?(?: id| code)?[:=]? *"

ROOM_CODE = rf"""coalesce(
    substring(error from $_$(?i){_GAP}(?: for)?[:=]? *(?:{_ROOM})?{_CODE} *(?:$|[;(])$_$),
    substring(error from $_$(?i){_ROOM}{_CODE} (?:is |was |has )?{_GAP}$_$)
)"""
"""The code of the room type that a text says is not mapped, where it stands alone at the place of one."""
