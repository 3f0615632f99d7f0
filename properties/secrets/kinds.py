"""The credentials of each type of secret: one table, which forms, checks and pages read.

Source: docs/reference/adobe.md, "Secrets".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from properties.models import Secret

CredentialType = Literal["text", "url", "number", "json", "choice", "lines"]

DEFAULT_REFRESH_OFFSET = 14_400
LONGEST_ASSERTION = 3_600


@dataclass(frozen=True, slots=True)
class Credential:
    """One input.

    Args:
        key: Key in the stored credentials.
        label: Label of the input.
        type: ``lines`` is text of several lines, such as PEM.
        is_secret: The value is never shown again. An empty input keeps the stored value.
        required: An empty input is refused.
        help: One sentence.
        default: Value in a new form, and value of an absent key.
        choices: (value, label) pairs of ``choice``.
        smallest, largest: Limits of ``number``.
    """

    key: str
    label: str
    type: CredentialType = "text"
    is_secret: bool = False
    required: bool = True
    help: str = ""
    default: str | int = ""
    choices: Sequence[tuple[str, str]] = ()
    smallest: int = 0
    largest: int = 31_536_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of secret."""

    type_of: str
    title: str
    description: str
    credentials: Sequence[Credential]

    @property
    def is_exchanged(self) -> bool:
        """Whether another server turns the credentials into a token that expires."""
        return self.type_of.startswith("oauth2")


TOKEN_URL = Credential(
    "authorization_url",
    "Token URL",
    "url",
    help="The address that issues tokens, such as https://login.example.com/oauth/token.",
)
REFRESH_OFFSET = Credential(
    "refresh_offset",
    "Refresh before expiry",
    "number",
    default=DEFAULT_REFRESH_OFFSET,
    help="Seconds before expiry when a new token is fetched, but never in the first half of the lifetime.",
)
PRIVATE_KEY_HELP = "In PEM format, from -----BEGIN to -----END, without a passphrase."

_KINDS = (
    Kind(
        Secret.Type.TOKEN,
        "Token",
        "A text that is sent unchanged, such as an access token or an API key.",
        [Credential("token", "Token", is_secret=True)],
    ),
    Kind(
        Secret.Type.SIMPLE_HTTP,
        "HTTP user and password",
        "Sent after “Basic” in an Authorization header.",
        [Credential("username", "User name"), Credential("password", "Password", is_secret=True)],
    ),
    Kind(
        Secret.Type.OAUTH2,
        "OAuth 2 client credentials",
        "A client ID and secret are exchanged for an access token, which is renewed before it expires.",
        [
            Credential("client_id", "Client ID"),
            Credential("client_secret", "Client secret", is_secret=True),
            TOKEN_URL,
            Credential(
                "client_authentication",
                "Client ID and secret are sent",
                "choice",
                default="body",
                choices=[("body", "In the body of the request"), ("basic", "In an Authorization header")],
            ),
            Credential("scope", "Scope", required=False, help="Separate several with spaces."),
            Credential("audience", "Audience", required=False),
            REFRESH_OFFSET,
        ],
    ),
    Kind(
        Secret.Type.OAUTH2_JWT,
        "OAuth 2 JWT",
        "A signed JWT is exchanged for an access token.",
        [
            Credential("issuer", "Issuer"),
            Credential("subject", "Subject", required=False),
            Credential("audience", "Audience"),
            Credential(
                "claims",
                "Custom claims",
                "json",
                required=False,
                help='A JSON object, such as {"scope": "events"}.',
            ),
            Credential(
                "ttl",
                "Valid for",
                "number",
                default=300,
                smallest=10,
                largest=LONGEST_ASSERTION,
                help="Seconds for which the JWT itself is valid.",
            ),
            Credential(
                "algorithm",
                "Algorithm",
                "choice",
                default="RS256",
                choices=[(name, name) for name in ("RS256", "RS384", "RS512", "ES256")],
            ),
            Credential("private_key_id", "Private key ID", required=False),
            Credential("private_key", "Private key", "lines", is_secret=True, help=PRIVATE_KEY_HELP),
            TOKEN_URL,
            Credential("scope", "Scope", required=False, help="Sent with the JWT."),
            REFRESH_OFFSET,
        ],
    ),
    Kind(
        Secret.Type.OAUTH2_GOOGLE,
        "Google service account",
        "The key file of a Google service account is exchanged for an access token.",
        [
            Credential(
                "service_account",
                "Key file",
                "lines",
                is_secret=True,
                help="The whole JSON file that Google Cloud creates for a key of the service account.",
            ),
            Credential(
                "scope",
                "Scopes",
                default="https://www.googleapis.com/auth/adwords",
                help="Separate them with spaces: …/auth/adwords for Google Ads, …/auth/pubsub for Pub/Sub.",
            ),
            Credential(
                "subject",
                "Subject",
                required=False,
                help="The user to act for, if the service account has domain-wide delegation.",
            ),
            REFRESH_OFFSET,
        ],
    ),
    Kind(
        Secret.Type.CERTIFICATE,
        "Client certificate",
        "Identifies you to servers that ask for a client certificate (mutual TLS).",
        [
            Credential(
                "certificate",
                "Certificate",
                "lines",
                is_secret=True,
                help="In PEM format. Intermediate certificates may follow.",
            ),
            Credential("private_key", "Private key", "lines", is_secret=True, help=PRIVATE_KEY_HELP),
        ],
    ),
)

KINDS: Mapping[str, Kind] = {kind.type_of: kind for kind in _KINDS}
