"""Meta's pages that several modules of this package cite."""

PIXEL = "https://developers.facebook.com/docs/meta-pixel/"
START = PIXEL + "get-started"
REFERENCE = PIXEL + "reference"
MATCHING = PIXEL + "advanced/advanced-matching"
CONSENT = PIXEL + "implementation/gdpr"
DATA_USE = "https://developers.facebook.com/docs/marketing-apis/data-processing-options"
DEDUPLICATION = (
    "https://developers.facebook.com/docs/marketing-api/conversions-api/deduplicate-pixel-and-server-events"
)
