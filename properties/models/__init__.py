"""What a property owns."""

from .audit import AuditEvent
from .data_element import DataElement
from .draft import Draft
from .environment import Datastream, DatastreamAlias, Environment
from .extension import Extension
from .property import RIGHTS, Membership, Property
from .resource import Resource, Revision
from .secret import Secret

__all__ = [
    "RIGHTS",
    "AuditEvent",
    "DataElement",
    "Datastream",
    "DatastreamAlias",
    "Draft",
    "Environment",
    "Extension",
    "Membership",
    "Property",
    "Resource",
    "Revision",
    "Secret",
]
