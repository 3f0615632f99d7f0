"""Vendor pages that several modules of Core cite."""

_ADOBE = "https://experienceleague.adobe.com/en/docs/experience-platform"
SERVER_CORE = f"{_ADOBE}/tags/extensions/server/core/overview"
CLIENT_CORE = f"{_ADOBE}/tags/extensions/client/core/overview"
SERVER_API = f"{_ADOBE}/edge-network-server-api/overview"
XDM_EVENT = f"{_ADOBE}/xdm/classes/experienceevent"
