"""Amazon Kinesis.

Source: https://github.com/adobe/reactor-extension-aws-edge, ``src/lib/actions``, which calls PutRecord; the
request itself: Amazon Kinesis Data Streams, API reference, PutRecord.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled


def _put_record(call: Call, settings: Settings, configuration: Settings) -> Carried:
    call.lacks(
        "Amazon requires each request to be signed (Signature Version 4), which a fetch call cannot do. Put "
        "an Amazon API Gateway with a key in front of the stream, and change the URL and the headers to it."
    )
    call.lacks("Kinesis accepts “Data” as Base64 only. Use a data element that returns its value as Base64.")
    body = {"StreamName": settings.get("streamName"), "PartitionKey": settings.get("partitionKey")}
    region = call.needed(settings.get("region"), "region")
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.PutRecord"}
    url = f"https://kinesis.{region}.amazonaws.com/"
    return call.post(url, headers, filled(body | {"Data": settings.get("data")}))


PARTNERS = (
    Substitute(
        "aws::actions::send-data-to-kinesis-data-stream",
        "AWS",
        _put_record,
        "https://github.com/adobe/reactor-extension-aws-edge",
    ),
)
