"""Problems of a request, and Meta's error objects for them."""

from dataclasses import dataclass
from typing import Any

GraphError = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class GraphProblem:
    """One broken rule of one parameter.

    Attributes:
        path: The parameter, relative to the object that was checked, such as ("user_data", "em").
        text: The requirement. It never repeats the value, which may be personal.
        subcode: Meta's error_subcode, if known.
        title: Meta's short name of the error; always with a subcode.
    """

    path: Path
    text: str
    subcode: int | None = None
    title: str | None = None

    def below(self, *parents: str | int) -> "GraphProblem":
        """Return the problem with a path that begins at the parent objects."""
        return GraphProblem((*parents, *self.path), self.text, self.subcode, self.title)

    def as_error(self) -> GraphError:
        """Return Meta's error object with code 100, without a fbtrace_id."""
        blame = {"error_data": {"blame_field_specs": [list(self.path)]}}
        if self.subcode is None:
            return graph_error(100, f"(#100) Param {written(self.path)} {self.text}") | blame
        return (
            graph_error(100, "Invalid parameter", subcode=self.subcode)
            | {"error_user_title": self.title, "error_user_msg": self.text}
            | blame
        )


def graph_error(
    code: int,
    message: str,
    *,
    subcode: int | None = None,
    is_transient: bool = False,
    error_type: str = "OAuthException",
) -> GraphError:
    """Return the error object of a Graph answer, without a fbtrace_id.

    Source: Meta, Handling Errors (Graph API).
    """
    error: GraphError = {"message": message, "type": error_type, "code": code, "is_transient": is_transient}
    return error if subcode is None else error | {"error_subcode": subcode}


def status_of(error: GraphError) -> int:
    """Return the HTTP status of an error: 401 if a person must sign in again, else 400.

    Source: Meta, Handling Errors (Graph API).
    """
    return 401 if error["code"] in (102, 190) else 400


def written(path: Path) -> str:
    """Return a path in Graph's notation: data[0]['user_data']['em']."""
    first, *rest = path
    return str(first) + "".join(f"[{part!r}]" for part in rest)
