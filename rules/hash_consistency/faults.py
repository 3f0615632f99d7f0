"""What is wrong with the customer data of an environment, from its streams and fingerprints."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rules.models import CustomerPrint

from .streams import CustomerStream, Prints, StreamKey, by_stream, key_of, one_of

# Fewer values may be somebody's slip of the keyboard.
FEWEST = 3
SMALLEST_SHARE = 0.01
# One value in so large a share of so many events, for so many visitors, is no person.
REPEATED_SHARE, REPEATED_OF, REPEATED_VISITORS = 0.2, 30, 5
DIFFERING_SHARE = 0.2
BROWSER, SERVER = "browser", "server"
# Roles that tell that two events are of one person.
PERSONAL = ("email", "phone", "visitor")
IDENTIFYING = ("email", "phone", "own_id")


@dataclass(frozen=True, slots=True)
class DataFault:
    """One fault of one stream.

    Args:
        kind: Short and stable, such as ``mixed``.
        says: What is wrong, after the name of the field: ``is a hash of nothing``.
        advice: What to change.
        count, total: How many values have it, of how many.
        event_id: An event that shows it.
        unit: What is counted.
    """

    kind: str
    key: StreamKey
    says: str
    advice: str
    count: int
    total: int
    event_id: int
    unit: str = "values"

    @property
    def share(self) -> int:
        """Per cent, at least 1."""
        return max(1, round(100 * self.count / self.total))


def faults_of(streams: Sequence[CustomerStream], prints: Prints) -> list[DataFault]:
    """Return every fault, the largest share first."""
    found = [it for stream in streams for judge in _OF_FORMS for it in judge(stream)]
    found += [it for judge in _OF_PRINTS for it in judge(prints)]
    return sorted(found, key=lambda it: (-it.share, it.kind, it.key))


# By the form of the values


def _mixed(stream: CustomerStream) -> Iterator[DataFault]:
    rare = min(("plain", "hashed"), key=lambda form: stream.forms[form])
    number, total = stream.forms[rare], stream.forms["plain"] + stream.forms["hashed"]
    if number >= FEWEST and number >= SMALLEST_SHARE * total:
        yield DataFault(
            "mixed",
            stream.key,
            "arrives sometimes plain and sometimes hashed",
            "Send it in one form. Plain is best: it is normalised and hashed here, always in the same way.",
            number,
            total,
            stream.examples[rare],
            f"values {rare}",
        )


# Form → what is wrong, what to change, how many are enough.
_BAD_FORMS = {
    "nothing": (
        "is the hash of nothing",
        "The sender hashes an empty text. Let it leave the field out if there is no value.",
        1,
    ),
    "constant": (
        "is a word such as “null” or “test” in place of a value",
        "The sender fills in a word if there is no value. Let it leave the field out.",
        FEWEST,
    ),
    "other_hash": (
        "is hashed with MD5 or SHA-1",
        "The vendor matches SHA-256 only. Send the plain value, or its SHA-256.",
        FEWEST,
    ),
    "like_email": (
        "looks like an email address",
        "Another field’s value ends up here. Check the path.",
        FEWEST,
    ),
    "like_phone": (
        "looks like a phone number",
        "Another field’s value ends up here. Check the path.",
        FEWEST,
    ),
    "like_date": ("looks like a date", "Another field’s value ends up here. Check the path.", FEWEST),
    "like_url": ("looks like a web address", "Another field’s value ends up here. Check the path.", FEWEST),
}


def _bad_forms(stream: CustomerStream) -> Iterator[DataFault]:
    for form, (says, advice, enough) in _BAD_FORMS.items():
        number = stream.forms[form]
        is_rare = enough > 1 and number < SMALLEST_SHARE * stream.total
        if number >= enough and not is_rare:
            yield DataFault(form, stream.key, says, advice, number, stream.total, stream.examples[form])


# By fingerprints


def _hashed_twice(prints: Prints) -> Iterator[DataFault]:
    for role in IDENTIFYING:
        streams = by_stream(prints, [role])
        hashes_of_hashes = {row.twice for rows in streams.values() for row in rows}
        for key, rows in streams.items():
            bad = [row for row in rows if row.form == "hashed" and row.print in hashes_of_hashes]
            if len(bad) >= FEWEST and len(bad) >= SMALLEST_SHARE * len(rows):
                advice = "It is hashed twice on its way. Send the plain value, or hash it once."
                says = "is the hash of a hash that other events have"
                yield DataFault("twice", key, says, advice, len(bad), len(rows), bad[0].event_id)


def _repeated(prints: Prints) -> Iterator[DataFault]:
    for key, rows in by_stream(prints, IDENTIFYING).items():
        value, number = Counter(row.print for row in rows).most_common(1)[0]
        if len(rows) < REPEATED_OF or number < REPEATED_SHARE * len(rows):
            continue
        events = [row.event_id for row in rows if row.print == value]
        if len(_visitors(prints, events, rows[0].role)) >= REPEATED_VISITORS:
            advice = "It is no person’s value: a default, a test or the shop’s own. Leave it out instead."
            says = "is one and the same value for many visitors"
            yield DataFault("repeated", key, says, advice, number, len(rows), events[0])


def _visitors(prints: Prints, event_ids: Sequence[int], role: str) -> set[tuple[str, int]]:
    """Return the visitors of some events, as told by their browsers, else by other values."""
    others = [row for it in event_ids for row in prints[it] if row.role != role]
    browsers = {("visitor", row.print) for row in others if row.role == "visitor"}
    return browsers or {(row.role, row.print) for row in others if row.role in PERSONAL}


def _same_as_email(prints: Prints) -> Iterator[DataFault]:
    met, bad = Counter[StreamKey](), defaultdict[StreamKey, list[int]](list)
    for event_id, rows in prints.items():
        email, phone = one_of(rows, "email"), one_of(rows, "phone")
        if email and phone:
            met[key_of(phone)] += 1
            if email.print == phone.print:
                bad[key_of(phone)].append(event_id)
    for key, events in bad.items():
        if len(events) >= FEWEST and len(events) >= SMALLEST_SHARE * met[key]:
            advice = "Both fields read the same value. Check the paths."
            yield DataFault(
                "same",
                key,
                "has the same hash as the email of its event",
                advice,
                len(events),
                met[key],
                events[0],
            )


def _differing_ids(prints: Prints) -> Iterator[DataFault]:
    """Compare the own ids that browser and server give to one person."""
    people: dict[tuple[str, int], dict[str, list[CustomerPrint]]] = defaultdict(lambda: defaultdict(list))
    for rows in prints.values():
        if own := one_of(rows, "own_id"):
            for row in rows:
                if row.role in PERSONAL:
                    people[row.role, row.print][own.side].append(own)
    # Email, phone and browser may tell of the same person: ids that were compared count once.
    both = {
        (_values(it[BROWSER]), _values(it[SERVER])): it[SERVER]
        for it in people.values()
        if it[BROWSER] and it[SERVER]
    }
    bad = [theirs for (ours, of_server), theirs in both.items() if not ours & of_server]
    if len(bad) >= FEWEST and len(bad) >= DIFFERING_SHARE * len(both):
        theirs = bad[0]
        advice = "Send the same id on both sides, in the same form. Otherwise one person counts as two."
        says = "differs between browser and server for one person"
        where = key_of(theirs[0])
        yield DataFault("differs", where, says, advice, len(bad), len(both), theirs[0].event_id, "people")


def _values(rows: Sequence[CustomerPrint]) -> frozenset[int]:
    return frozenset(row.print for row in rows)


_OF_FORMS: Sequence[Callable[[CustomerStream], Iterator[DataFault]]] = (_mixed, _bad_forms)
_OF_PRINTS: Sequence[Callable[[Prints], Iterator[DataFault]]] = (
    _hashed_twice,
    _repeated,
    _same_as_email,
    _differing_ids,
)
