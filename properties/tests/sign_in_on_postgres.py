"""Simultaneous attempts on PostgreSQL. ``test_sign_in_counts`` runs this with ``DATABASE_URL`` set."""

from __future__ import annotations

import json
import threading

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from properties.models import SignInCount  # noqa: E402
from properties.signing_in import attempts  # noqa: E402

WORKERS = 30


def main() -> None:
    call_command("migrate", verbosity=0)
    keys = attempts.keys_of("olivia", "203.0.113.5", None)
    together, taken = threading.Barrier(WORKERS), []

    def work() -> None:
        try:
            together.wait()
            taken.append(attempts.take(keys).opens_at is None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    attempts.give_back(keys)
    left = sorted(SignInCount.objects.values_list("failures", flat=True))
    print(json.dumps({"tried": len(taken), "allowed": sum(taken), "left": left}))


if __name__ == "__main__":
    main()
