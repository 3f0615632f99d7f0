"""Pages and code that several modules of this package cite."""

CORE = "https://experienceleague.adobe.com/en/docs/experience-platform/tags/extensions/client/core/overview"
LIFECYCLE = (
    "https://experienceleague.adobe.com/en/docs/experience-platform/tags/client-side/asynchronous-deployment"
)
EVENTS = "https://developer.mozilla.org/en-US/docs/Web/API"
SELECTORS = "https://www.w3.org/TR/selectors-4/"
MEDIA = "https://developer.mozilla.org/en-US/docs/Web/API/HTMLMediaElement#events"
