"""Core: reads events and makes decisions in every edge property."""

from properties.catalog.descriptor import ConditionType, DataElementType, ExtensionPackage, Field

from . import examples
from .bots import BOT, NO_BOT
from .choosing import CONDITIONAL_VALUE, LOOKUP_TABLE, MERGED_OBJECTS
from .code import CUSTOM_CODE_ACTION, CUSTOM_CODE_CONDITION, CUSTOM_CODE_ELEMENT
from .conditions import COMPARISON_FIELDS, check_comparison, prepare_comparison, summarize_comparison
from .consent import CONSENT
from .data_elements import advise_path, read_path, run_constant, run_ip, run_path, sample_path
from .digests import HASH, RANDOM, SAMPLING
from .numbers import NUMBER
from .page_conditions import EVENT_TYPE, URL
from .request_parts import COOKIE, HEADER, QUERY_STRING_PARAMETER
from .secret import SECRET
from .sources import CLIENT_CORE, SERVER_CORE
from .texts import TEXT_TOOLS
from .times import DATE_RANGE, DATE_TO_UNIX_TIME, TIMESTAMP
from .two_sides import compare_sides

PATH = DataElementType(
    name="path",
    title="Path",
    description="Reads a value from the event by its path.",
    category="From the event",
    fields=[
        Field(
            key="path",
            label="Path",
            required=True,
            placeholder="arc.event.xdm.commerce.order.purchaseID",
            help=(
                "Starts with arc.event.xdm, arc.event.data or arc.request. Lists need a position: items[0]."
                ' For keys with dots, use brackets and quotes: data["a.b"].'
            ),
            url=SERVER_CORE,
        )
    ],
    run=run_path,
    read=read_path,
    advise=advise_path,
    summary=sample_path,
    sample_path=sample_path,
    help_url=SERVER_CORE,
    examples=examples.PATH,
)

CONSTANT = DataElementType(
    name="constant",
    title="Constant",
    description="The same value for every event.",
    category="Not from the event",
    fields=[
        Field(
            key="value",
            label="Value",
            type="json",
            required=True,
            placeholder="EUR",
            help="Text, a number, true, false, a list or an object. Its texts can hold data elements.",
        )
    ],
    run=run_constant,
    help_url=CLIENT_CORE,
    examples=examples.CONSTANT,
)

IP = DataElementType(
    name="ip",
    title="IP Address",
    description="The visitor's IP address, as version 4 if there is one, else as version 6.",
    category="From the event",
    run=run_ip,
    sample_path=lambda settings: "arc.event.xdm.environment.ipV4",
    help_url=SERVER_CORE,
    examples=examples.IP,
)

VALUE_COMPARISON = ConditionType(
    name="value-comparison",
    title="Value Comparison",
    description="Compares a data element with a value, or with another data element.",
    category="The event",
    fields=COMPARISON_FIELDS,
    prepare=prepare_comparison,
    check=check_comparison,
    summary=summarize_comparison,
    compared=("leftOperand", "rightOperand"),
    compare=compare_sides,
    help_url=SERVER_CORE,
    examples=examples.VALUE_COMPARISON,
)

extension = ExtensionPackage(
    name="core",
    display_name="Core",
    version="1.0.0",
    platform="edge",
    description="Reads values from the event and decides which rules run. Every property has it.",
    data_elements=[
        PATH,
        IP,
        TIMESTAMP,
        QUERY_STRING_PARAMETER,
        COOKIE,
        HEADER,
        BOT,
        CONDITIONAL_VALUE,
        LOOKUP_TABLE,
        MERGED_OBJECTS,
        TEXT_TOOLS,
        NUMBER,
        DATE_TO_UNIX_TIME,
        HASH,
        CONSTANT,
        SECRET,
        RANDOM,
        CUSTOM_CODE_ELEMENT,
    ],
    conditions=[
        VALUE_COMPARISON,
        EVENT_TYPE,
        URL,
        CONSENT,
        NO_BOT,
        DATE_RANGE,
        SAMPLING,
        CUSTOM_CODE_CONDITION,
    ],
    actions=[CUSTOM_CODE_ACTION],
    help_url=SERVER_CORE,
)
