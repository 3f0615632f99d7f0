"""Properties, the resources that they own, and the people who work in them."""

from .audit import AuditEvent
from .data_element import DataElement
from .draft import Draft
from .environment import Datastream, DatastreamAlias, Environment
from .extension import Extension
from .personal_choice import PersonalChoice
from .property import RIGHTS, Membership, Property
from .resource import Resource, Revision
from .secret import Secret
from .signing_in import OpenSession, PasswordToChange, SignInCount
from .vendor_connection import ConnectAttempt, VendorConnection

__all__ = [
    "RIGHTS",
    "AuditEvent",
    "ConnectAttempt",
    "DataElement",
    "Datastream",
    "DatastreamAlias",
    "Draft",
    "Environment",
    "Extension",
    "Membership",
    "OpenSession",
    "PasswordToChange",
    "PersonalChoice",
    "Property",
    "Resource",
    "Revision",
    "Secret",
    "SignInCount",
    "VendorConnection",
]
