"""The optional servers, for real: migrations on PostgreSQL, a wake-up through each broker."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import kombu
import psycopg
import pytest
from celery import Celery
from cryptography.fernet import Fernet
from django.conf import settings

from tests.work import HANG_SECONDS

ROOT = Path(__file__).parent.parent


@pytest.mark.postgres
@pytest.mark.processes
def test_migrations_run_on_postgresql(postgres_url):
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "DATABASE_URL": postgres_url})
    with psycopg.connect(postgres_url) as connection:
        applied = connection.execute("SELECT DISTINCT app FROM django_migrations").fetchall()
    assert {"properties", "rules"} <= {app for (app,) in applied}


@pytest.mark.postgres
@pytest.mark.processes
def test_documents_applied_at_the_same_time_take_turns_on_postgresql(tmp_path, postgres_url):
    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    environment = {**os.environ, **keys, "DATABASE_URL": postgres_url}
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, check=True, env=environment)
    document = {
        "format": "capi-admin/property/v1",
        "property": {"name": "Shop"},
        "extensions": [{"package": "core"}],
    }
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(document))
    apply = [*manage, "apply", str(file), "--publish", "production"]
    running = [
        subprocess.Popen(apply, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len({(answer["property_id"], answer["build_id"]) for answer in answers}) == 1


def wake_up(url: str) -> kombu.Message | None:
    """Send one task name with our settings; return the message that a worker would find in our queue."""
    celery = Celery("sender", broker=url, set_as_current=False)
    celery.config_from_object(settings, namespace="CELERY")
    celery.conf.broker_url = url
    celery.send_task("rules.delivery.tasks.deliver_due")
    with celery.connection_for_read() as connection:
        queue = connection.SimpleQueue(settings.CELERY_TASK_DEFAULT_QUEUE)
        message = queue.get(timeout=HANG_SECONDS)
        message.ack()
        queue.close()
    celery.close()
    return message


@pytest.mark.broker
@pytest.mark.parametrize("server", ["redis_url", "amqp_url"])
def test_a_wake_up_passes_through_the_broker_without_any_data(server, request):
    message = wake_up(request.getfixturevalue(server))
    assert message.headers["task"] == "rules.delivery.tasks.deliver_due"
    assert message.content_type == "application/json"
    assert message.payload[:2] == [[], {}]
