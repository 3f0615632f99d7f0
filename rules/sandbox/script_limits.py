"""The limits of custom code."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one piece of custom code and of the process that runs it.

    Args:
        heap_bytes: JavaScript memory of one event.
        stack_bytes: Stack of a piece.
        cpu_seconds: Processor time of one piece, including everything it queues.
        wall_seconds: The process is killed if a piece has not answered by then; it has ended within half a
            second.
        starved_seconds: How long that may be postponed on a machine so busy that the piece has not had its
            processor time.
        address_space_bytes: Memory of the whole process.
        questions: How many data elements a piece may ask for by names that are not written in its text.
        nesting: How deep data elements with custom code may ask for each other.
        result_depth: Levels of lists and objects in a result: the depth of an event, inside ``arc``.
        frame_bytes: The largest answer that is read from the process.
        start_seconds: How long a process may take to start.
    """

    heap_bytes: int = 16 * MIB
    stack_bytes: int = 256 * KIB
    cpu_seconds: float = 0.05
    wall_seconds: float = 0.45
    starved_seconds: float = 3.0
    address_space_bytes: int = 256 * MIB
    questions: int = 32
    nesting: int = 8
    result_depth: int = 36
    frame_bytes: int = 1 * MIB
    start_seconds: float = 20.0
