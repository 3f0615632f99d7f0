"""Worked examples of the Cloud Connector, used as tests and documentation. The result is the body."""

from properties.catalog.examples import Example

OVERVIEW = (
    "https://experienceleague.adobe.com/en/docs/experience-platform/tags/extensions/server/"
    "cloud-connector/overview"
)

FETCH = [
    Example(
        title="An order is sent as JSON; its total stays a number",
        settings={
            "method": "POST",
            "url": "https://api.example.com/orders",
            "headers": [{"key": "Authorization", "value": "Bearer {{Shop Token}}"}],
            "body": {"id": "{{Order ID}}", "total": "{{Order Total}}"},
        },
        data_elements={"Order ID": "T-1000", "Order Total": 99.5, "Shop Token": "[[secret:Shop token]]"},
        result={"id": "T-1000", "total": 99.5},
        source=OVERVIEW,
    ),
    Example(
        title="Raw text is sent as written",
        settings={
            "method": "PUT",
            "url": "https://api.example.com/orders/{{Order ID}}",
            "headers": [{"key": "Content-Type", "value": "application/x-www-form-urlencoded"}],
            "body": "total={{Order Total}}",
        },
        data_elements={"Order ID": "T-1000", "Order Total": 99.5},
        result="total=99.5",
        source=OVERVIEW,
    ),
    Example(
        title="Pairs form one JSON object, and their names can contain data elements",
        settings={
            "method": "POST",
            "url": "https://api.example.com/orders",
            "bodyFormat": "pairs",
            "bodyPairs": [{"key": "{{Field Name}}", "value": "{{Order Total}}"}],
        },
        data_elements={"Field Name": "total", "Order Total": 99.5},
        result={"total": 99.5},
        source=OVERVIEW,
    ),
    Example(
        title="An answer is kept for later actions; a GET request has no body",
        settings={
            "method": "GET",
            "url": "https://api.example.com/customers",
            "queryParams": [{"key": "email hash", "value": "{{Email Hash}}"}],
            "responseKey": "customer",
        },
        data_elements={"Email Hash": "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"},
        result=None,
        source=OVERVIEW,
    ),
]
