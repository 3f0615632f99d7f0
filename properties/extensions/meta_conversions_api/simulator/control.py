"""The pages under /_simulator/: state, faults, recorded requests, health."""

from .answers import GraphResponse
from .connection import GraphRequest
from .faults import KINDS, Fault, FaultBook
from .recording import KEPT_RECORDS, Recorder
from .state import GraphState


class Control:
    """Controls the simulator through pages that Meta does not have."""

    def __init__(self, faults: FaultBook, recorder: Recorder, state: GraphState) -> None:
        self._faults = faults
        self._state = state
        self._recorder = recorder
        self._routes = {
            "/_simulator/health": {"GET": self._health},
            "/_simulator/requests": {"GET": self._requests, "DELETE": self._forget},
            "/_simulator/faults": {"GET": self._list, "POST": self._order, "DELETE": self._clear},
            "/_simulator/state": {"GET": self._show, "POST": self._change, "DELETE": self._reset},
        }

    def answer(self, request: GraphRequest) -> GraphResponse:
        """Return the answer to a request below /_simulator/."""
        methods = self._routes.get(request.path)
        if methods is None:
            return GraphResponse(404, {"error": f"Unknown page. The pages are {', '.join(self._routes)}"})
        route = methods.get(request.method)
        if route is None:
            return GraphResponse(405, {"error": "Method not allowed"}, (("Allow", ", ".join(methods)),))
        try:
            return route(request)
        except ValueError as error:
            return GraphResponse(400, {"error": str(error)})

    def _health(self, request: GraphRequest) -> GraphResponse:
        return GraphResponse(200, {"status": "ok"})

    def _requests(self, request: GraphRequest) -> GraphResponse:
        limit = request.query_value("limit") or str(KEPT_RECORDS)
        if not limit.isascii() or not limit.isdigit() or int(limit) < 1:
            raise ValueError("limit must be an integer of 1 or more")
        return GraphResponse(200, {"requests": self._recorder.records[-int(limit) :]})

    def _forget(self, request: GraphRequest) -> GraphResponse:
        self._recorder.forget()
        return GraphResponse(200, {"requests": []})

    def _list(self, request: GraphRequest) -> GraphResponse:
        return GraphResponse(200, {"faults": self._faults.listing(), "kinds": dict(KINDS)})

    def _order(self, request: GraphRequest) -> GraphResponse:
        self._faults.add(Fault.from_order(request.json()))
        return GraphResponse(201, {"faults": self._faults.listing()})

    def _show(self, request: GraphRequest) -> GraphResponse:
        return GraphResponse(200, self._state.listing())

    def _change(self, request: GraphRequest) -> GraphResponse:
        self._state.change(request.json())
        return self._show(request)

    def _reset(self, request: GraphRequest) -> GraphResponse:
        self._state.reset()
        return self._show(request)

    def _clear(self, request: GraphRequest) -> GraphResponse:
        return GraphResponse(200, {"cleared": self._faults.clear()})
