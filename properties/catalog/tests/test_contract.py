"""A package that cannot work at run time is refused with its name, the place and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..contract import refusals, shared_names
from ..descriptor import (
    ActionType,
    BrowserId,
    ClickId,
    DataElementType,
    ExtensionPackage,
    Field,
    Setting,
    SimulatorCommand,
)
from ..installation import server_url
from ..match_quality import MatchKey, MatchQuality
from ..outbound import OutboundRequest, Outcome

PAGE = "https://vendor.example/docs"


def package(**parts: Any) -> ExtensionPackage:
    given = {
        "name": "acme",
        "display_name": "Acme",
        "version": "1.0.0",
        "description": "Sends.",
        "help_url": PAGE,
    }
    return ExtensionPackage(**(given | parts))


def action(**parts: Any) -> ActionType:
    given = {"name": "send", "title": "Send", "run": lambda settings, context: None, "help_url": PAGE}
    return ActionType(**(given | parts))


def click_id(**parts: Any) -> ClickId:
    return ClickId(**({"parameter": "acid", "cookie": "_acid", "label": "Click ID (Acme)"} | parts))


def browser_id(**parts: Any) -> BrowserId:
    given = {"cookie": "_ac", "label": "Browser ID (Acme)", "new": lambda visit: "ac.1"}
    return BrowserId(**(given | parts))


def match_quality(**parts: Any) -> MatchQuality:
    key = MatchKey("email", "Email", "mail", "person.mail", 1.0)
    given = {"title": "Score", "vendor": "Acme", "ask": lambda settings, context: None, "keys": (key,)}
    return MatchQuality(**(given | {"delegate": "send"} | parts))


SOUND = {
    "cookies": ("_acid", "_ac", "_ac_*"),
    "click_ids": (click_id(),),
    "browser_ids": (browser_id(),),
    "installation": (Setting("ACME_URL", "Where Acme is.", default=PAGE, read=server_url),),
    "simulator": SimulatorCommand(title="Acme", command="acme", setting="ACME_URL", port=1, health="/"),
    "actions": (
        action(
            max_batch=10,
            batch_request=lambda envelope, payloads: OutboundRequest("POST", PAGE),
            read_answer=lambda answer, count: Outcome("delivered"),
        ),
    ),
}


def test_a_sound_package_is_not_refused() -> None:
    assert refusals(package(**SOUND)) == []


@pytest.mark.parametrize(
    ("parts", "where", "what"),
    [
        ({"name": "acme_ads"}, "name", "Use small letters"),
        ({"version": "1.0"}, "version", "Write it as 1.0.0"),
        ({"platform": "desktop"}, "platform", "Use edge, web or mobile"),
        ({"description": ""}, "display_name and description", "Enter both"),
        ({"help_url": ""}, "help_url", "Enter the https address"),
        ({"cookies": "_acid"}, "cookies", "Write a tuple: ('_acid',)"),
        ({"cookies": (5,)}, "cookies", "5 is not text. Enter names of cookies"),
        ({"cookies": ("a b",)}, "cookies", "'a b' is not a valid cookie name"),
        ({"click_ids": ("acid",)}, "click_ids[0]", "'acid' is not a ClickId"),
        (
            {"click_ids": (click_id(),), "cookies": ()},
            "click_ids[0]",
            "drops its cookie '_acid'",
        ),
        ({"click_ids": (click_id(label=""),)}, "click_ids[0]", "Add a label"),
        ({"click_ids": (click_id(seconds=0),)}, "click_ids[0]", "Set seconds above 0"),
        ({"click_ids": (click_id(parameter=""),)}, "click_ids[0]", "Name the query parameter"),
        ({"click_ids": (click_id(pattern="["),)}, "click_ids[0]", "not a regular expression"),
        ({"click_ids": (click_id(new=lambda c, v: f"1.{c}"),)}, "click_ids[0]", "click_in does not find"),
        (
            {"click_ids": (click_id(),), "accepts_cookie": lambda name, value: value == "ac.1"},
            "click_ids[0]",
            "accepts_cookie refuses the value that new returns",
        ),
        ({"browser_ids": ("_ac",)}, "browser_ids[0]", "'_ac' is not a BrowserId"),
        ({"browser_ids": (browser_id(cookie="_x"),)}, "browser_ids[0]", "drops its cookie '_x'"),
        ({"browser_ids": (browser_id(new=lambda visit: 7),)}, "browser_ids[0]", "accepts_cookie refuses"),
        ({"browser_ids": (browser_id(counts=lambda v: False),)}, "browser_ids[0]", "counts refuses"),
        ({"installation": ("ACME_URL",)}, "installation[0]", "is not a Setting"),
        ({"installation": (Setting("url", "It."),)}, "installation[0]", "Use capitals"),
        (
            {"installation": (Setting("PUBLIC_URL", "It."),), "simulator": None},
            "installation[0]",
            "of the product",
        ),
        ({"installation": (Setting("ACME_URL", ""),)}, "installation[0]", "Add help"),
        (
            {"installation": (Setting("ACME_URL", "It."),) * 2},
            "installation[0]",
            "ACME_URL is declared twice",
        ),
        (
            {"installation": (Setting("ACME_URL", "It.", read=server_url),)},
            "installation[0]",
            "refuses",
        ),
        ({"installation": ()}, "simulator", "ACME_URL is not in installation"),
        ({"demo": Path("/nowhere")}, "demo", "/nowhere has no property.json"),
        ({"match_quality": match_quality(delegate="sent")}, "match_quality", "delegate names sent"),
        ({"match_quality": match_quality()}, "match_quality", "email names mail, which"),
        ({"actions": (action(), action())}, "actions send", "Its name is taken"),
        ({"actions": (action(title=""),)}, "actions send", "Add one"),
        ({"actions": (action(run=None),)}, "actions send", "Add run or prepare"),
        ({"actions": (action(help_url="docs"),)}, "actions send", "Enter the https address"),
        ({"actions": (action(max_batch=0),)}, "actions send", "Set 1 or more"),
        ({"actions": (action(max_batch=10),)}, "actions send", "Add batch_request"),
        ({"actions": (action(batch_request=lambda e, p: None),)}, "actions send", "Add read_answer"),
        ({"actions": (action(facts=lambda payload: None),)}, "actions send", "Add batch_request"),
        ({"actions": (action(result=lambda a, s, e: None),)}, "actions send", "result needs the outcome"),
        ({"actions": (action(test_asks=("code",)),)}, "actions send", "test_asks names code"),
        ({"actions": (action(fields=[Field("a", "A")] * 2),)}, "actions send", "The key a is used twice"),
        ({"actions": (action(fields=[Field("a", "A", section="x")]),)}, "actions send", "the section 'x'"),
        (
            {"actions": (action(fields=[Field("a", "A", show_if={"b": [1]})]),)},
            "actions send",
            "depends on b",
        ),
        ({"data_elements": (DataElementType(name="x", title="X"),)}, "dataElements x", "Add run or prepare"),
    ],
)
def test_what_cannot_work_is_refused(parts: dict[str, Any], where: str, what: str) -> None:
    found = refusals(package(**(SOUND | parts)))
    name = parts.get("name", "acme")
    assert all(it.startswith(f"{name}, ") for it in found)
    assert any(it.partition(", ")[2].startswith(f"{where}: ") and what in it for it in found), found


def test_a_setting_that_two_packages_take_is_refused() -> None:
    other = package(**(SOUND | {"name": "acme-offline"}))
    assert shared_names([package(**SOUND), other]) == [
        "acme and acme-offline, installation: Both declare ACME_URL. Start it with your vendor's name."
    ]


def test_a_name_that_two_packages_have_is_refused() -> None:
    assert shared_names([package(), package()]) == ["acme, name: Two packages have this name. Rename one."]
