#!/usr/bin/env python
"""Runs the commands of the product: ``python manage.py help``."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capi_admin.settings")
    from django.core.management import execute_from_command_line

    from properties.audit.actor import acting_as

    with acting_as(" ".join(sys.argv[1:2])):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
