"""Cloud Connector: calls any HTTP server, and lets later actions read the answer."""

from properties.catalog.descriptor import ActionType, Configuration, ExtensionPackage, Field, Section

from .actions import METHODS, WITH_BODY, check_fetch, run_fetch, summarize_fetch
from .examples import FETCH, OVERVIEW
from .partners import partners
from .responses import read_answer, result
from .templating import check_templates, lacks

_PAIR = (Field("key", "Name"), Field("value", "Value"))
_PARAMETER = (Field("key", "Name", is_address=True), Field("value", "Value", is_address=True))

MAKE_FETCH_CALL = ActionType(
    name="send-data",
    title="Make Fetch Call",
    description="Sends an HTTP request to a server on the internet; later actions wait for the answer.",
    sections=[
        Section("request", "Request"),
        Section("query", "Query Params", "Added to the URL, encoded for you."),
        Section("headers", "Headers"),
        Section("body", "Body"),
        Section("advanced", "Advanced"),
    ],
    fields=[
        Field(
            key="method",
            label="Method",
            type="choice",
            section="request",
            required=True,
            tokens=False,
            default="GET",
            options=[(method, method) for method in METHODS],
        ),
        Field(
            key="url",
            label="URL",
            section="request",
            required=True,
            is_address=True,
            placeholder="https://api.example.com/orders",
            help="http or https, with a host on the public internet. Secrets go into headers or the body.",
        ),
        Field(
            key="queryParams", label="Query parameters", type="rows", section="query", properties=_PARAMETER
        ),
        Field(
            key="headers",
            label="Headers",
            type="rows",
            section="headers",
            properties=_PAIR,
            help="For example Authorization: Bearer {{Ads Token}}, with a data element of type Secret.",
        ),
        Field(
            key="bodyFormat",
            label="Body as",
            type="choice",
            section="body",
            tokens=False,
            default="content",
            options=[("content", "JSON or raw text"), ("pairs", "JSON key-value pairs")],
            show_if={"method": WITH_BODY},
        ),
        Field(
            key="body",
            label="Body",
            type="content",
            section="body",
            placeholder='{"order": "{{Order ID}}"}',
            help="In JSON, a data element alone in quotes keeps its type. Other text is sent unchanged.",
            show_if={"method": WITH_BODY, "bodyFormat": ("content",)},
        ),
        Field(
            key="bodyPairs",
            label="Key-value pairs",
            type="rows",
            section="body",
            properties=_PAIR,
            help="Pairs form one JSON object. A name may be a path, such as customer.email or items[0].id.",
            show_if={"method": WITH_BODY, "bodyFormat": ("pairs",)},
        ),
        Field(
            key="responseKey",
            label="Save the request response as",
            section="advanced",
            placeholder="customer",
            help="Later actions read it at arc.ruleStash.adobe-cloud-connector.responses.<name>, as text.",
        ),
        Field(
            key="useMtls",
            label="Use mutual TLS",
            type="boolean",
            section="advanced",
            tokens=False,
            default=False,
            help="Presents the client certificate from the extension's configuration.",
        ),
    ],
    run=run_fetch,
    check=check_fetch,
    summary=summarize_fetch,
    read_answer=read_answer,
    result=result,
    lacks=lacks,
    substitutes=tuple(partners()),
    help_url=OVERVIEW,
    examples=FETCH,
)

extension = ExtensionPackage(
    name="adobe-cloud-connector",
    display_name="Cloud Connector",
    version="1.0.0",
    platform="edge",
    description="Calls any HTTP server with data from the event, and passes its answer to later actions.",
    configuration=Configuration(
        description="For servers that ask for a client certificate, and for credentials in many headers.",
        fields=[
            Field(
                key="clientCertificate",
                label="Client certificate",
                only_tokens=True,
                placeholder="{{Client Certificate}}",
                help="A Secret data element that returns a client certificate for each environment.",
            ),
            Field(
                key="headerOverrides",
                label="Header templates",
                type="rows",
                help="[[Name]] in a header is replaced by the value if the pattern is found in the URL.",
                properties=(
                    Field("key", "Name"),
                    Field("value", "Value", placeholder="{{Ads Token}}"),
                    Field(
                        "urlPattern", "URL Pattern", tokens=False, placeholder=r"^https://api\.example\.com/"
                    ),
                ),
            ),
        ],
        check=check_templates,
        help_url=OVERVIEW,
    ),
    actions=[MAKE_FETCH_CALL],
    help_url=OVERVIEW,
)
