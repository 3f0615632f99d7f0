"""Settings: the values that each variable accepts; a bad value is reported and does no harm."""

from __future__ import annotations

import base64
import logging
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.test import RequestFactory

from capi_admin import configured_addresses, database, keys, logs, page_client
from capi_admin.celery import app
from capi_admin.checks import check_proxy, check_settings, refuse_bad_settings
from capi_admin.env_file import read_env_file
from capi_admin.package_settings import read_installation
from capi_admin.settings_reader import SettingProblem, SettingsReader, read_number, read_switch
from properties.catalog.descriptor import ExtensionPackage
from properties.catalog.installation import UNREACHABLE_URL, Setting, server_url
from properties.catalog.registry import packages
from tests.environment import PACKAGE_VARIABLES, PRODUCT_VARIABLES

ROOT = Path(__file__).parent.parent
EXAMPLE_PASSWORD = "hunter2-of-the-database"


def reader(tmp_path: Path, **values: str) -> SettingsReader:
    return SettingsReader(values, tmp_path)


def read_setting(env: SettingsReader, name: str) -> str:
    """Return the value of a package's setting."""
    return read_installation(env, packages().values())[name]


def ids(env: SettingsReader) -> list[str]:
    return [problem.id for problem in env.problems]


@pytest.mark.parametrize(
    ("given", "value"),
    [("", False), ("true", True), ("1", True), ("Yes", True), ("ON", True), ("false", False), ("0", False)],
)
def test_a_switch_takes_the_usual_words(tmp_path, given, value):
    env = reader(tmp_path, DEBUG=given)
    assert read_switch(env, "DEBUG", 4) is value
    assert not env.problems


@pytest.mark.parametrize("given", ["banana", "2", "truee", "-"])
def test_a_switch_that_is_neither_true_nor_false_is_a_problem_and_reads_as_false(tmp_path, given):
    env = reader(tmp_path, DEBUG=given)
    assert read_switch(env, "DEBUG", 4) is False
    assert ids(env) == ["capi_admin.E004"]


@pytest.mark.parametrize("given", ["-1", "one", "1.5", "100", "²"])
def test_an_odd_proxy_count_is_a_problem_and_trusts_no_proxy(tmp_path, given):
    env = reader(tmp_path, TRUSTED_PROXY_COUNT=given)
    assert proxies(env) == 0
    assert ids(env) == ["capi_admin.E011"]


def test_proxies_are_counted(tmp_path):
    assert proxies(reader(tmp_path, TRUSTED_PROXY_COUNT="2")) == 2


@pytest.mark.parametrize(("given", "value"), [("", 120), ("5", 5), ("20160", 20_160)])
def test_the_idle_limit_is_given_in_minutes(tmp_path, given, value):
    env = reader(tmp_path, SESSION_IDLE_MINUTES=given)
    assert idle_minutes(env) == value
    assert not env.problems


@pytest.mark.parametrize("given", ["0", "4", "20161", "2h", "-5", "1.5", "²", "9" * 30])
def test_an_odd_idle_limit_is_a_problem_and_reads_as_the_default(tmp_path, given):
    env = reader(tmp_path, SESSION_IDLE_MINUTES=given)
    assert idle_minutes(env) == 120
    assert ids(env) == ["capi_admin.E020"]


def idle_minutes(env: SettingsReader) -> int:
    return read_number(env, "SESSION_IDLE_MINUTES", default=120, least=5, most=20_160, number=20)


def proxies(env: SettingsReader) -> int:
    return read_number(env, "TRUSTED_PROXY_COUNT", default=0, least=0, most=99, number=11)


def test_networks_in_addition_to_the_internet_are_separated_by_commas(tmp_path):
    env = reader(tmp_path, REACHABLE_NETWORKS="10.20.0.0/16, fd12:3456::/32 ,127.0.0.1")
    found = configured_addresses.read_networks(env, 12)
    assert [str(network) for network in found] == ["10.20.0.0/16", "fd12:3456::/32", "127.0.0.1/32"]
    assert configured_addresses.read_networks(reader(tmp_path), 12) == ()


@pytest.mark.parametrize("given", ["intranet", "10.20.0.1/16", "10.0.0.0/33", "10.0.0.0/8;11.0.0.0/8"])
def test_a_value_that_is_not_a_network_is_a_problem_and_is_not_reached(tmp_path, given):
    env = reader(tmp_path, REACHABLE_NETWORKS=given)
    assert configured_addresses.read_networks(env, 12) == ()
    assert ids(env) == ["capi_admin.E012"]


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_authorities_is_a_problem(tmp_path, content):
    if content is not None:
        (tmp_path / "authority.pem").write_text(content)
    env = reader(tmp_path, AUTHORITIES_FILE="authority.pem")
    assert configured_addresses.read_authorities(env, 13) == ""
    assert ids(env) == ["capi_admin.E013"]


@pytest.mark.parametrize("given", ["v25.0", "v9.1", "v125.10"])
def test_graph_versions_look_like_v25_0(tmp_path, given):
    env = reader(tmp_path, META_GRAPH_VERSION=given)
    assert read_setting(env, "META_GRAPH_VERSION") == given
    assert not env.problems


@pytest.mark.parametrize("given", ["25", "v25", "25.0", "V25.0", "v25.0/../x", "v25.0\nv1.0", "latest"])
def test_other_graph_versions_are_problems(tmp_path, given):
    env = reader(tmp_path, META_GRAPH_VERSION=given)
    assert read_setting(env, "META_GRAPH_VERSION") == "v25.0"
    assert ids(env) == ["capi_admin.E008"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", "https://graph.facebook.com"),
        ("https://graph.facebook.com/", "https://graph.facebook.com"),
        ("http://127.0.0.1:8089", "http://127.0.0.1:8089"),
        ("http://127.8.8.8:1", "http://127.8.8.8:1"),
        ("http://[::1]:8089", "http://[::1]:8089"),
        ("http://localhost:8089", "http://localhost:8089"),
        ("https://proxy.example.org/meta", "https://proxy.example.org/meta"),
    ],
)
def test_the_graph_url_is_https_or_this_machine(tmp_path, given, url):
    env = reader(tmp_path, META_GRAPH_URL=given)
    assert read_setting(env, "META_GRAPH_URL") == url
    assert not env.problems


@pytest.mark.parametrize(
    "given",
    [
        "http://graph.facebook.com",
        "http://10.0.0.1",
        "http://localhost.example.org",
        "ftp://127.0.0.1",
        "graph.facebook.com",
        "https://",
        "https://user:pass@graph.facebook.com",
        "https://graph.facebook.com?access_token=x",
        "https://graph.facebook.com:port",
        "https://[::1",
        "https://graph.facebook.com/a b",
    ],
)
def test_any_other_graph_url_is_a_problem_and_nothing_can_be_sent(tmp_path, given):
    env = reader(tmp_path, META_GRAPH_URL=given)
    assert read_setting(env, "META_GRAPH_URL") == UNREACHABLE_URL
    assert ids(env) == ["capi_admin.E007"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", "http://127.0.0.1:8000"),
        ("https://CAPI.example.org/", "https://capi.example.org"),
        ("http://192.168.1.5:9000", "http://192.168.1.5:9000"),
        ("https://capi.example.org:443", "https://capi.example.org"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://capi.example.org:443", "http://capi.example.org:443"),
    ],
)
def test_the_public_url_is_scheme_host_and_port(tmp_path, given, url):
    env = reader(tmp_path, PUBLIC_URL=given)
    assert configured_addresses.read_public_url(env, 3) == url
    assert not env.problems


@pytest.mark.parametrize(
    "given",
    ["capi.example.org", "https://a.example/path", "https://a@b.example", "//x", "https://müller.example"],
)
def test_a_public_url_that_is_not_a_site_is_a_problem(tmp_path, given):
    env = reader(tmp_path, PUBLIC_URL=given)
    configured_addresses.read_public_url(env, 3)
    assert ids(env) == ["capi_admin.E003"]


@pytest.mark.parametrize("given", ["redis://h/0", "rediss://h", "amqp://g:g@h//", "amqps://h", ""])
def test_brokers_are_redis_and_rabbitmq(tmp_path, given):
    env = reader(tmp_path, CELERY_BROKER_URL=given)
    assert configured_addresses.read_broker_url(env, 6) == given
    assert not env.problems


@pytest.mark.parametrize("given", ["sqs://h", "memory://", "redis", "http://h", "kafka://h"])
def test_another_broker_is_a_problem_and_none_is_used(tmp_path, given):
    env = reader(tmp_path, CELERY_BROKER_URL=given)
    assert configured_addresses.read_broker_url(env, 6) == ""
    assert ids(env) == ["capi_admin.E006"]


@pytest.mark.parametrize("given", ["tiny", "has a space in the middle", "späte-metriken-brauchen-ascii"])
def test_a_metrics_token_that_no_header_can_carry_is_a_problem(tmp_path, given):
    env = reader(tmp_path, METRICS_TOKEN=given)
    assert keys.read_metrics_token(env, 5) == ""
    assert ids(env) == ["capi_admin.E005"]
    assert given not in str(env.problems)


def test_without_database_url_the_database_is_a_file_in_the_data_folder(tmp_path):
    env = reader(tmp_path)
    found = database.read_database(env, tmp_path / "data", 2)
    assert database.is_embedded(env)
    assert found["NAME"] == str(tmp_path / "data" / "db.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("url", "file"),
    [("sqlite:///moved/x.sqlite3", "moved/x.sqlite3"), ("sqlite:////srv/x.sqlite3", "/srv/x.sqlite3")],
)
def test_a_sqlite_url_moves_only_the_file(tmp_path, url, file):
    env = reader(tmp_path, DATABASE_URL=url)
    assert database.read_database(env, tmp_path / "data", 2)["NAME"] == str(tmp_path / file)
    assert database.is_embedded(env)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgres_gives_up_connecting_after_two_seconds(tmp_path, scheme):
    env = reader(tmp_path, DATABASE_URL=f"{scheme}://u:p%40w@db.example.org:5433/capi?sslmode=require")
    found = database.read_database(env, tmp_path, 2)
    assert not database.is_embedded(env)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == (
        "db.example.org",
        5433,
        "capi",
        "p@w",
    )
    assert found["OPTIONS"] == {"connect_timeout": 2, "sslmode": "require"}
    assert not env.problems


@pytest.mark.parametrize(
    "given",
    [
        f"mysql://u:{EXAMPLE_PASSWORD}@h/db",
        f"postgres://u:{EXAMPLE_PASSWORD}@h:port/db",
        f"postgres://u:{EXAMPLE_PASSWORD}@h",
        "banana",
        "sqlite://:memory:",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://file.sqlite3",
    ],
)
def test_another_database_is_a_problem_without_the_password(tmp_path, given):
    env = reader(tmp_path, DATABASE_URL=given)
    database.read_database(env, tmp_path, 2)
    assert ids(env) == ["capi_admin.E002"]
    assert EXAMPLE_PASSWORD not in str(env.problems)


def test_embedded_mode_makes_its_keys_once_for_its_owner_alone(tmp_path):
    data_dir = tmp_path / "data"
    assert keys.prepare_data_dir(reader(tmp_path), data_dir, 1)
    first = keys.read_secret_key(reader(tmp_path), data_dir, 9)
    made = keys.read_encryption_keys(reader(tmp_path), data_dir, 10)

    assert keys.read_secret_key(reader(tmp_path), data_dir, 9) == first
    assert keys.read_encryption_keys(reader(tmp_path), data_dir, 10) == made
    assert Fernet(made[0]).decrypt(Fernet(made[0]).encrypt(b"token")) == b"token"
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in data_dir.iterdir()} == {0o600}
    assert sorted(file.name for file in data_dir.iterdir()) == ["encryption_keys", "secret_key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: keys.keep_once(tmp_path / "key", keys._new_fernet_key), range(64)))
    assert len(found) == 1


def test_an_emptied_key_file_is_a_problem_and_is_not_replaced(tmp_path):
    (tmp_path / "encryption_keys").touch()
    env = reader(tmp_path)
    keys.read_encryption_keys(env, tmp_path, 10)
    assert ids(env) == ["capi_admin.E010"]
    assert (tmp_path / "encryption_keys").read_text() == ""


def test_a_data_folder_that_cannot_be_made_is_a_problem(tmp_path):
    (tmp_path / "file").touch()
    env = reader(tmp_path)
    assert not keys.prepare_data_dir(env, tmp_path / "file" / "data", 1)
    assert ids(env) == ["capi_admin.E001"]


def test_a_path_in_the_home_of_nobody_is_a_problem(tmp_path):
    env = reader(tmp_path, DATA_DIR="~nobody-of-this-name/data", SECRET_KEY_FILE="~nobody-of-this-name/key")
    assert env.path("DATA_DIR", "var", 1) == tmp_path / "var"
    assert env.secret("SECRET_KEY", 9) == ""
    assert ids(env)[:2] == ["capi_admin.E001", "capi_admin.E009"]


def test_the_file_of_a_secret_is_relative_to_the_project(tmp_path):
    (tmp_path / "secret").write_text("from-a-file\n")
    assert reader(tmp_path, SECRET_KEY_FILE="secret").secret("SECRET_KEY", 9) == "from-a-file"


def test_outside_embedded_mode_keys_are_required(tmp_path):
    env = reader(tmp_path)
    assert keys.read_secret_key(env, None, 9)
    assert len(keys.read_encryption_keys(env, None, 10)) == 1
    assert ids(env) == ["capi_admin.E009", "capi_admin.E010"]


def test_the_command_in_the_hint_makes_a_key_that_is_accepted(tmp_path):
    env = reader(tmp_path)
    keys.read_encryption_keys(env, None, 10)
    expression = env.problems[0].hint.partition("print(")[2].rpartition(")' makes one.")[0]
    made = eval(expression, {"base64": base64, "os": os})  # noqa: S307  our own hint
    assert keys.read_encryption_keys(reader(tmp_path, ENCRYPTION_KEYS=made), None, 10) == [made]


def test_the_first_of_several_encryption_keys_stays_first(tmp_path):
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    env = reader(tmp_path, ENCRYPTION_KEYS=f"{new}, {old}")
    assert keys.read_encryption_keys(env, None, 10) == [new, old]


def test_a_broken_encryption_key_is_named_by_its_position_not_its_value(tmp_path):
    env = reader(tmp_path, ENCRYPTION_KEYS=f"{Fernet.generate_key().decode()},not-a-fernet-key")
    keys.read_encryption_keys(env, None, 10)
    assert ids(env) == ["capi_admin.E010"]
    assert "Key 2" in env.problems[0].message
    assert "not-a-fernet-key" not in str(env.problems)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "METRICS_TOKEN"])
def test_secrets_are_read_from_the_named_file(tmp_path, name):
    (tmp_path / "secret").write_text("from-a-file\n")
    env = reader(tmp_path, **{f"{name}_FILE": str(tmp_path / "secret")})
    assert env.secret(name, 9) == "from-a-file"
    assert not env.problems


@pytest.mark.parametrize("content", [None, "", b"\xff\xfe\xfa"])
def test_an_unusable_secret_file_is_one_problem(tmp_path, content):
    if content is not None:
        (tmp_path / "secret").write_bytes(content or b"")
    env = reader(tmp_path, SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert keys.read_secret_key(env, None, 9)
    assert ids(env) == ["capi_admin.E009"]


@pytest.mark.parametrize("value", ["$HOME", "$ab#c", r"a\$b", "$", "a=b c"])
def test_a_secret_is_read_letter_by_letter(tmp_path, value):
    (tmp_path / "secret").write_text(value)
    given = {"SECRET_KEY": value, "METRICS_TOKEN_FILE": "secret", "HOME": "/root"}
    env = reader(tmp_path, **given)
    assert env.secret("SECRET_KEY", 9) == env.secret("METRICS_TOKEN", 5) == value


@pytest.fixture
def process(monkeypatch) -> dict[str, str]:
    """The variables of a process that has only these two."""
    values = {"DEBUG": "false", "CELERY_BROKER_URL": ""}
    monkeypatch.setattr("environ.Env.ENVIRON", values)
    return values


def env_file(tmp_path: Path, content: str | bytes) -> list[SettingProblem]:
    file = tmp_path / ".env"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_env_file(file, 21)


def test_an_env_file_gives_what_the_process_does_not_have(tmp_path, process):
    content = """
        # The address of the pages
        PUBLIC_URL=https://capi.example.org
        export META_GRAPH_VERSION = 'v26.0'
        DATA_DIR="data folder"
        SECRET_KEY=ab#c$d=e
    """.replace(" = ", "=")
    assert env_file(tmp_path, content) == []
    assert process == {
        "PUBLIC_URL": "https://capi.example.org",
        "META_GRAPH_VERSION": "v26.0",
        "DATA_DIR": "data folder",
        "SECRET_KEY": "ab#c$d=e",
        "DEBUG": "false",
        "CELERY_BROKER_URL": "",
    }


def test_a_variable_of_the_process_wins_over_the_env_file_even_when_it_is_empty(tmp_path, process):
    assert env_file(tmp_path, "DEBUG=true\nCELERY_BROKER_URL=redis://h") == []
    assert process == {"DEBUG": "false", "CELERY_BROKER_URL": ""}


def test_without_an_env_file_nothing_is_read(tmp_path, process):
    assert read_env_file(tmp_path / ".env", 21) == []
    (tmp_path / ".env").mkdir()  # Some keep a Python environment under this name.
    assert read_env_file(tmp_path / ".env", 21) == []
    assert len(process) == 2


def test_a_line_that_cannot_be_read_is_named_by_its_number_and_kept_from_the_log(tmp_path, process, caplog):
    problems = env_file(tmp_path, "PUBLIC_URL=https://a.example\n\nSECRET_KEY = hunter2\nhunter3")
    assert [problem.id for problem in problems] == ["capi_admin.E021"] * 2
    assert "Line 3 of" in problems[0].message
    assert "Line 4 of" in problems[1].message
    assert "hunter" not in str(problems) + caplog.text
    assert process["PUBLIC_URL"] == "https://a.example"


def test_an_env_file_that_is_not_text_is_a_problem(tmp_path, process):
    assert [problem.id for problem in env_file(tmp_path, b"SECRET_KEY=\xff\xfe")] == ["capi_admin.E021"]


def test_a_secret_given_twice_is_a_problem(tmp_path):
    (tmp_path / "secret").write_text("from-a-file")
    env = reader(tmp_path, SECRET_KEY="direct", SECRET_KEY_FILE=str(tmp_path / "secret"))
    env.secret("SECRET_KEY", 9)
    assert ids(env) == ["capi_admin.E009"]


def test_each_problem_is_a_system_check_with_id_and_hint(settings):
    settings.SETTING_PROBLEMS = [
        SettingProblem("capi_admin.E004", "DEBUG is 'banana'.", "Use true or false.")
    ]
    assert check_settings(None) == [
        checks.Error("DEBUG is 'banana'.", hint="Use true or false.", id="capi_admin.E004")
    ]


def test_a_bad_setting_ends_the_process_and_says_why(settings, monkeypatch):
    problem = checks.Error("DEBUG is 'banana'.", hint="Use true or false.", id="capi_admin.E004")
    monkeypatch.setattr("capi_admin.checks.checks.run_checks", lambda **_: [problem])
    with pytest.raises(SystemExit, match=r"E004.*banana(?s:.)*HINT: Use true or false"):
        refuse_bad_settings()


def test_https_without_a_trusted_proxy_is_a_deployment_warning(settings):
    settings.PUBLIC_URL, settings.TRUSTED_PROXY_COUNT = "https://capi.example.org", 0
    assert [warning.id for warning in check_proxy(None)] == ["capi_admin.W001"]
    settings.TRUSTED_PROXY_COUNT = 1
    assert check_proxy(None) == []


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (3, "198.51.100.1, 203.0.113.9", "127.0.0.1"),
    ],
)
def test_only_hops_of_our_own_proxies_count(settings, trusted, forwarded, address):
    settings.TRUSTED_PROXY_COUNT = trusted
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert page_client.client_address_of(request) == address


@pytest.mark.parametrize(
    "line",
    [
        "posting access_token=EAABsbCS1iHgBAAsecret",
        '{"access_token": "EAABsbCS1iHgBAAsecret"}',
        "header Authorization: Bearer EAABsbCS1iHgBAAsecret",
        "Bearer EAABsbCS1iHgBAAsecret",
        "the token EAABsbCS1iHgBAAsecret was refused",
        "https://graph.example/v25.0/1/events?access_token=not-even-EAA-secret&x=1",
        "appsecret_proof=9a8bsecret",
        "password: letmein-secret",
        "visitor jane.doe+secret@example.co.uk bought",
        "e-mail jane.doe%40secret.example bought",
    ],
)
def test_credentials_and_addresses_are_masked_in_log_lines(line):
    assert "secret" not in logs.masked(line).replace("appsecret_proof", "")


@pytest.mark.parametrize(
    "line", ["delivery 8812 of PR0a1b to pixel 1234567890: retry in 30 s", "mode=live v25.0"]
)
def test_ordinary_log_lines_stay_as_they_are(line):
    assert logs.masked(line) == line


def test_a_traceback_in_the_log_is_masked_too():
    try:
        raise ValueError("Meta refused access_token=EAABsbCS1iHgBAAsecret")
    except ValueError:
        record = logging.LogRecord("rules", logging.ERROR, "f", 1, "event %s", (7,), sys.exc_info())
    line = logs.Formatter().format(record)
    assert "event 7" in line
    assert "ValueError" in line
    assert "EAAB" not in line


def test_celery_keeps_the_settings_that_reliability_rests_on():
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert (conf.task_soft_time_limit, conf.task_time_limit) == (20, 30)
    assert conf.worker_max_tasks_per_child
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.broker_connection_retry_on_startup
    assert conf.worker_soft_shutdown_timeout == 20


def test_pages_allow_no_inline_code_and_no_foreign_frames():
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in str(policy)


def test_every_variable_has_its_row_in_the_documentation():
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    names = set(PRODUCT_VARIABLES) - set(PACKAGE_VARIABLES)
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def a_package(*settings: Setting) -> ExtensionPackage:
    return ExtensionPackage(name="acme", display_name="Acme", version="1.0.0", installation=settings)


def test_a_setting_of_a_package_has_its_default_until_the_environment_sets_it(tmp_path):
    package = a_package(Setting("ACME_REGION", "Where Acme is.", default="eu"))
    assert read_installation(reader(tmp_path), [package]) == {"ACME_REGION": "eu"}
    assert read_installation(reader(tmp_path, ACME_REGION="us"), [package]) == {"ACME_REGION": "us"}


def test_a_setting_that_a_package_cannot_read_is_a_problem_with_an_id_of_the_package(tmp_path):
    env = reader(tmp_path, ACME_URL="ftp://acme.example")
    url = Setting("ACME_URL", "Where Acme is.", read=server_url, stand_in=UNREACHABLE_URL)
    assert read_installation(env, [a_package(Setting("ACME_REGION", "A part."), url)]) == {
        "ACME_REGION": "",
        "ACME_URL": UNREACHABLE_URL,
    }
    assert env.problems == [
        SettingProblem(
            "acme.E002",
            "ACME_URL is not the https address of a server.",
            "Access tokens travel to it, so http is accepted for 127.0.0.1, [::1] and localhost only.",
        )
    ]


def test_a_secret_setting_of_a_package_may_be_in_a_file(tmp_path):
    (tmp_path / "acme.txt").write_text("s3cret\n")
    package = a_package(Setting("ACME_SECRET", "The secret of your app.", is_secret=True))
    env = reader(tmp_path, ACME_SECRET_FILE="acme.txt")
    assert read_installation(env, [package]) == {"ACME_SECRET": "s3cret"}
    missing = reader(tmp_path, ACME_SECRET_FILE="nowhere.txt")
    assert read_installation(missing, [package]) == {"ACME_SECRET": ""}
    assert ids(missing) == ["acme.E001"]
