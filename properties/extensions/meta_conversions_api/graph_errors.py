"""The Graph API's error codes and what each means for a delivery, as one table.

Only code and subcode identify an error: Meta translates its messages into the language of the token's owner.

Source: Meta, Handling Errors (Graph API); Error codes (Marketing API); Rate Limiting (Marketing API).
Subcodes of 100: observed, facebook/facebook-java-business-sdk issue 421 and rudderlabs/rudder-transformer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Action = Literal["retry", "throttle", "reauth", "park", "fix"]

POLICY_BLOCK_SECONDS = 2 * 3600


@dataclass(frozen=True, slots=True)
class GraphError:
    """One row.

    Args:
        action: ``retry`` (send again later), ``throttle`` (pause the whole destination), ``reauth`` (a new
            token is needed), ``park`` (permission, pixel or version is wrong), ``fix`` (event refused).
        advice: What a person can do.
        wait_seconds: Shortest wait before the next attempt, if Meta documents it.
    """

    action: Action
    advice: str = ""
    wait_seconds: float | None = None


_RECONNECT = "Make a new access token in Events Manager and put it into the extension's configuration."
_NO_RIGHT = "Ask the owner of the pixel to allow the token's user or app to send events to it."
_WAIT = "Nothing to do: Meta asks to slow down, and the event is sent later."
_PASSING = "Nothing to do: the event is sent again."
_MESSAGING = "Check Page ID, account IDs and the dataset that they belong to."
_INVALID = "Read Meta's message. Correct the field that it names, in the action or in its data element."

_TABLE: Mapping[tuple[int, int | None], GraphError] = {
    (1, None): GraphError("retry", _PASSING),
    (2, None): GraphError("retry", _PASSING),
    (3, None): GraphError("park", "The app lacks the capability. Use a token made in Events Manager."),
    (4, None): GraphError("throttle", _WAIT),
    (10, None): GraphError("park", _NO_RIGHT),
    (17, None): GraphError("throttle", _WAIT),
    (17, 2446079): GraphError("throttle", _WAIT),
    (100, None): GraphError("fix", _INVALID),
    (100, 33): GraphError(
        "park", "Check the Pixel ID, and that the access token belongs to the business that owns the pixel."
    ),
    (100, 2804003): GraphError(
        "fix", "It is older than Meta accepts: 7 days, 62 days in a store. Check Event Time."
    ),
    (100, 2804008): GraphError("fix", "Contents must be a list of objects, each with the ID of a product."),
    (100, 2804009): GraphError("fix", "Add a value to Custom Data; every Purchase needs one."),
    (100, 2804010): GraphError("fix", "Add a currency to Custom Data, such as USD; every Purchase needs it."),
    (100, 2804016): GraphError("fix", "A field of customer information is not SHA-256. Send plain values."),
    (100, 2804036): GraphError("fix", "Check Lead ID: it has 15 to 17 digits."),
    (100, 2804043): GraphError("fix", "App events need the OS version in the device information."),
    (100, 2804050): GraphError(
        "fix", "Add a field that finds a person: Email, Phone, External ID, Browser ID, or Client IP Address."
    ),
    (100, 2804065): GraphError("fix", _MESSAGING),
    (100, 2804066): GraphError("fix", "Choose an event name that business messaging accepts."),
    (100, 2804072): GraphError("fix", _MESSAGING),
    (100, 2804073): GraphError("fix", _MESSAGING),
    (100, 2804116): GraphError("fix", _MESSAGING),
    (100, 2804131): GraphError("fix", "Connect a page to the dataset in Events Manager."),
    (100, 2804030): GraphError("fix", "Choose whether Limited Data Use is on."),
    (100, 1815356): GraphError("fix", _INVALID),
    (100, 2804001): GraphError("fix", _INVALID),
    (100, 2804007): GraphError("fix", _INVALID),
    (100, 2804017): GraphError("fix", _INVALID),
    (100, 2804019): GraphError("fix", _INVALID),
    (100, 2804048): GraphError("fix", _INVALID),
    (102, None): GraphError("reauth", _RECONNECT),
    (104, None): GraphError("park", "The app requires a proof. Use a token made in Events Manager."),
    (190, None): GraphError("reauth", _RECONNECT),
    (190, 458): GraphError("reauth", _RECONNECT),
    (190, 459): GraphError("reauth", "The token's user must sign in at facebook.com and clear a check."),
    (190, 460): GraphError("reauth", _RECONNECT),
    (190, 463): GraphError("reauth", _RECONNECT),
    (190, 464): GraphError("reauth", "The token's user must confirm the account at facebook.com."),
    (190, 467): GraphError("reauth", _RECONNECT),
    (190, 492): GraphError("reauth", _RECONNECT),
    (270, None): GraphError("park", "The app has only development access. Use a token of Events Manager."),
    (294, None): GraphError("park", "The token needs the permission ads_management."),
    (341, None): GraphError("throttle", _WAIT),
    (368, None): GraphError(
        "throttle",
        "Meta blocked the account temporarily for breaking its policies. See Account Quality.",
        POLICY_BLOCK_SECONDS,
    ),
    (506, None): GraphError("fix", "Meta already has this."),
    (613, None): GraphError("throttle", _WAIT),
    (2500, None): GraphError("fix", "Meta does not know the path. Check META_GRAPH_URL."),
    (2635, None): GraphError("park", "Meta retired this version of the Graph API. Raise META_GRAPH_VERSION."),
    (5000, None): GraphError("retry", _PASSING),
    (6200, None): GraphError("fix", "The pixel already exists."),
    (6202, None): GraphError("fix", "More than one pixel exists."),
    (21009, None): GraphError("retry", _PASSING),
    (80000, None): GraphError("throttle", _WAIT),
    (80003, None): GraphError("throttle", _WAIT),
    (80004, None): GraphError("throttle", _WAIT),
    (80014, None): GraphError("throttle", _WAIT),
    (2044055, None): GraphError("park", "Check the Pixel ID: Meta does not know this dataset."),
}  # fmt: skip

_PERMISSION = GraphError("park", _NO_RIGHT)
_THROTTLE = GraphError("throttle", _WAIT)


def find_error(code: int | None, subcode: int | None) -> GraphError | None:
    """Return the row for a code and subcode, else for the code alone, else None."""
    if code is None:
        return None
    exact = _TABLE.get((code, subcode)) or _TABLE.get((code, None))
    return exact or (_PERMISSION if 200 <= code <= 299 else None)


def by_status(status: int) -> GraphError:
    """Return the meaning of an HTTP status, for errors without a code in the table."""
    if status == 429:
        return _THROTTLE
    if status == 401:
        return GraphError("reauth", _RECONNECT)
    if status == 403:
        return _PERMISSION
    return GraphError("fix", _INVALID) if 400 <= status <= 499 else GraphError("retry", _PASSING)
