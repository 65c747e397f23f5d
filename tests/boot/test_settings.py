"""Settings: what wins, what is refused and how that is said."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import SettingError
from appliance.base.secret import Secret
from appliance.boot.settings import Settings, Source, SourceKind, load_settings, process_settings
from appliance.boot.settings_table import SETTINGS

_KEY = "k3y-0123456789-abcdefghij-ABCDEFGHIJ"


def _load(
    folder: Path,
    *,
    flags: dict[str, str | None] | None = None,
    environ: dict[str, str] | None = None,
    toml: str = "",
) -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "nodo.toml").write_text(toml, encoding="utf-8")
    return load_settings(flags or {}, environ or {}, default_data_dir=folder)


def _refusal(folder: Path, environ: dict[str, str] | None = None, toml: str = "") -> SettingError:
    with pytest.raises(SettingError) as caught:
        _load(folder, environ=environ, toml=toml)
    return caught.value


def test_without_a_word_from_anybody_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings({}, {}, default_data_dir=tmp_path / "none")

    assert (settings.data_dir, settings.host, settings.port) == (
        tmp_path / "none",
        "127.0.0.1",
        8001,
    )
    assert (settings.ollama_port, settings.tunnel_port, settings.lan) == (0, 0, False)
    assert (settings.database_url, settings.jwt_secret, settings.model) == (None, None, None)
    assert settings.cors_origins == ()
    assert settings.warnings == ()
    assert {source.kind for source in settings.sources.values()} == {SourceKind.DEFAULT}


_PORTS = [
    ({"port": "1"}, {"NODO_PORT": "2"}, "port = 3", 1, Source(SourceKind.FLAG, "--port")),
    (
        {"port": None},
        {"NODO_PORT": "2"},
        "port = 3",
        2,
        Source(SourceKind.ENVIRONMENT, "NODO_PORT"),
    ),
    ({}, {"NODO_PORT": " "}, "port = 3", 3, Source(SourceKind.FILE, "port")),
    ({}, {}, "", 8001, Source(SourceKind.DEFAULT, "port")),
]


@pytest.mark.parametrize(("flags", "environ", "toml", "port", "source"), _PORTS)
def test_flag_wins_over_environment_over_file_over_default(
    tmp_path: Path,
    flags: dict[str, str | None],
    environ: dict[str, str],
    toml: str,
    *,
    port: int,
    source: Source,
) -> None:
    settings = _load(tmp_path, flags=flags, environ=environ, toml=toml)

    assert (settings.port, settings.sources["port"]) == (port, source)


def test_an_alias_stands_between_our_own_name_and_the_file(tmp_path: Path) -> None:
    alias = {"REDIS_URL": "redis://alias:6379"}
    toml = 'redis_url = "redis://file:6379"'

    settings = _load(tmp_path, environ=alias, toml=toml)
    own = _load(tmp_path, environ={**alias, "NODO_REDIS_URL": "redis://own:6379"}, toml=toml)

    assert settings.redis_url == Secret("redis://alias:6379")
    assert settings.aliases_in_use() == ("REDIS_URL",)
    assert own.redis_url == Secret("redis://own:6379")
    assert own.aliases_in_use() == ()


_ALIASES = [
    ("ENERGYAPP_DB_URL", "postgresql+psycopg2://a:b@c/d", "database_url", "postgresql://a:b@c/d"),
    ("DATABASE_URL", "postgres://a:b@c/d", "database_url", "postgresql://a:b@c/d"),
    ("ENERGYAPP_SECRET_KEY", _KEY, "jwt_secret", _KEY),
    ("JWT_SECRET", _KEY, "jwt_secret", _KEY),
    ("ENERGYAPP_ALLOWED_ORIGINS", "http://a.example", "cors_origins", ("http://a.example",)),
    ("CORS_ORIGINS", '["http://a.example"]', "cors_origins", ("http://a.example",)),
    ("ENERGYAPP_LOG_TO_FILE", "false", "log_to_file", False),
    ("ENERGYAPP_LOG_FILE", "/var/log/x.log", "log_file", Path("/var/log/x.log")),
    ("REDIS_URL", "redis://a/0", "redis_url", "redis://a/0"),
    ("ADMIN_PASSWORD", " pass word ", "admin_password", " pass word "),
    ("RATE_LIMIT_ENABLED", "False", "rate_limit_enabled", False),
    ("RATE_LIMIT_REDIS_ENABLED", "true", "rate_limit_redis_enabled", True),
    ("FERNET_KEY_ROTATION_DAYS", "30", "fernet_key_rotation_days", 30),
    ("WHATSAPP_APP_SECRET", "s3", "whatsapp_app_secret", "s3"),
    ("AEMET_API_KEY", "s3", "aemet_api_key", "s3"),
    ("OPENWEATHERMAP_API_KEY", "s3", "openweather_api_key", "s3"),
    ("REE_API_TOKEN", "s3", "ree_api_token", "s3"),
    ("INFLUXDB_TOKEN", "s3", "influxdb_token", "s3"),
    ("CLOUDFLARE_TUNNEL_TOKEN", "s3", "cloudflare_tunnel_token", "s3"),
]


@pytest.mark.parametrize(("alias", "text", "name", "value"), _ALIASES)
def test_the_variables_of_the_source_systems_keep_working(
    tmp_path: Path, alias: str, text: str, name: str, value: object
) -> None:
    settings = _load(tmp_path, environ={alias: text})
    found = getattr(settings, name)

    assert (found.reveal() if isinstance(found, Secret) else found) == value
    assert settings.sources[name] == Source(SourceKind.ALIAS, alias)


def test_every_alias_of_the_contract_is_tested_here() -> None:
    assert {alias for setting in SETTINGS for alias in setting.aliases} == {
        alias for alias, *_ in _ALIASES
    }


_REFUSED = [
    ("NODO_PORT", "99999", "NODO_PORT is '99999': allowed are whole numbers from 0 to 65535"),
    ("NODO_PORT", "-1", "NODO_PORT is '-1': allowed are whole numbers from 0 to 65535"),
    ("NODO_PORT", "80 80", "NODO_PORT is '80 80': allowed are whole numbers from 0 to 65535"),
    ("NODO_LAN", "maybe", "allowed are on and off"),
    ("NODO_HOST", "http://x", "allowed are an IP address or a host name, without port"),
    ("NODO_HOST", "_x", "allowed are an IP address or a host name, without port"),
    ("NODO_HOST", "a" * 60 + "!", "allowed are an IP address or a host name, without port"),
    ("NODO_HOST", "999.1.1.1", "allowed are an IP address or a host name, without port"),
    ("NODO_LOG_LEVEL", "loud", "allowed are debug, info, warning, error"),
    ("NODO_LANGUAGE", "fr", "allowed are es, en"),
    ("NODO_THREADS", "x", "allowed are whole numbers from 0 to 1024"),
    ("NODO_ADMIN_EMAIL", "ana", "allowed is one e-mail address"),
    ("CORS_ORIGINS", "*", "CORS_ORIGINS is '*': allowed are origins such as"),
    ("NODO_CORS_ORIGINS", "https://a.example/path", "allowed are origins such as"),
    ("NODO_HF_URL", "ftp://x", "allowed are http:// and https:// addresses"),
    ("NODO_PROVIDER_OPENAI_URL", "x", "NODO_PROVIDER_OPENAI_URL is 'x': allowed are http://"),
    ("JWT_SECRET", "short", "JWT_SECRET is refused: it has 5 characters; allowed are 32 or more"),
    ("NODO_JWT_SECRET", "a" * 40, "NODO_JWT_SECRET is refused: it looks like a sample"),
    ("JWT_SECRET", "your-secret-key-change-in-production", "it looks like a sample"),
    ("DATABASE_URL", "mysql://a:hunter2@b/c", "DATABASE_URL is refused: allowed are postgresql://"),
    ("NODO_REDIS_URL", "http://x", "NODO_REDIS_URL is refused: allowed are redis://"),
    ("ADMIN_PASSWORD", "hunter2", "ADMIN_PASSWORD is refused: allowed are passwords of 8"),
]


@pytest.mark.parametrize(("variable", "text", "message"), _REFUSED)
def test_a_refused_value_is_named_with_what_is_allowed(
    tmp_path: Path, variable: str, text: str, message: str
) -> None:
    error = _refusal(tmp_path, {variable: text})

    assert message in error.message
    assert error.hint
    assert "hunter2" not in error.message


def test_a_misspelt_key_of_the_file_is_refused_with_the_nearest_known(tmp_path: Path) -> None:
    error = _refusal(tmp_path, toml="prot = 8002")

    assert error.message == "prot in nodo.toml is unknown"
    assert error.hint == "Did you mean port?"


def test_the_data_folder_cannot_be_set_in_the_file_that_lies_in_it(tmp_path: Path) -> None:
    assert "data_dir in nodo.toml is unknown" in _refusal(tmp_path, toml="data_dir = 'x'").message


@pytest.mark.parametrize("toml", ["port = ", "port = 1\nport = 2", "= 3", "[port]\na = 1"])
def test_a_broken_file_is_refused(tmp_path: Path, toml: str) -> None:
    assert "nodo.toml" in _refusal(tmp_path, toml=toml).message


def test_a_misspelt_variable_is_a_warning_with_the_nearest_known(tmp_path: Path) -> None:
    settings = _load(tmp_path, environ={"NODO_PROT": "8002", "NODO_ZZZZ": "1", "OTHER": "1"})

    assert settings.warnings == (
        "the variable NODO_PROT is unknown. Did you mean NODO_PORT?",
        "the variable NODO_ZZZZ is unknown.",
    )


def test_an_unknown_flag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="'prot' is unknown"):
        _load(tmp_path, flags={"prot": "1"})


def test_the_file_lies_in_the_folder_that_flag_or_environment_name(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "nodo.toml").write_text("port = 9000\nlan = true\n", encoding="utf-8")

    settings = load_settings({}, {"NODO_DATA_DIR": str(chosen)}, default_data_dir=tmp_path)

    assert (settings.data_dir, settings.port, settings.lan) == (chosen, 9000, True)


def test_lists_and_numbers_of_the_file_are_taken_as_they_are(tmp_path: Path) -> None:
    toml = 'cors_origins = ["http://a.example", "https://b.example:8443"]\nthreads = 3'

    settings = _load(tmp_path, toml=toml)

    assert settings.cors_origins == ("http://a.example", "https://b.example:8443")
    assert settings.threads == 3


def test_two_doors_cannot_share_a_port(tmp_path: Path) -> None:
    error = _refusal(tmp_path, {"NODO_TUNNEL_PORT": "8001"})

    assert "port and tunnel_port are both 8001" in error.message


def test_all_doors_may_be_closed_or_take_any_port(tmp_path: Path) -> None:
    assert _load(tmp_path, environ={"NODO_PORT": "0"}).port == 0


def test_half_an_unattended_set_up_is_a_warning(tmp_path: Path) -> None:
    assert (
        "belong together" in _load(tmp_path, environ={"ADMIN_PASSWORD": "long enough"}).warnings[0]
    )


def test_counting_in_redis_without_redis_is_a_warning(tmp_path: Path) -> None:
    settings = _load(tmp_path, environ={"RATE_LIMIT_REDIS_ENABLED": "true"})

    assert "redis_url is not set" in settings.warnings[0]


def test_an_sqlite_address_of_a_source_system_is_not_used_and_that_is_said(tmp_path: Path) -> None:
    settings = _load(tmp_path, environ={"ENERGYAPP_DB_URL": "sqlite:///./energyapp.db"})

    assert settings.database_url is None
    assert settings.warnings[0].startswith("ENERGYAPP_DB_URL names an SQLite file")


def test_providers_are_named_by_their_variables(tmp_path: Path) -> None:
    environ = {"NODO_PROVIDER_LM_STUDIO_URL": "http://127.0.0.1:1234/"}
    toml = 'provider_openai_url = "https://api.example.org/v1"\nprovider_lm_studio_url = "http://x"'

    settings = _load(tmp_path, environ=environ, toml=toml)

    assert settings.provider_urls == {
        "openai": "https://api.example.org/v1",
        "lm_studio": "http://127.0.0.1:1234",
    }
    assert settings.sources["provider_openai_url"].kind is SourceKind.FILE
    assert settings.sources["provider_lm_studio_url"].kind is SourceKind.ENVIRONMENT
    assert settings.warnings == ()


def test_no_text_form_of_the_settings_shows_a_secret(tmp_path: Path) -> None:
    environ = {
        "JWT_SECRET": _KEY,
        "DATABASE_URL": "postgresql://a:hunter2@b/c",
        "ADMIN_PASSWORD": "hunter2hunter2",
    }

    settings = _load(tmp_path, environ=environ)

    assert _KEY not in f"{settings} {settings.jwt_secret} {settings.jwt_secret!r}"
    assert "hunter2" not in f"{settings!r} {settings.database_url!s}"
    assert settings.secrets() == ("postgresql://a:hunter2@b/c", "hunter2hunter2", _KEY)


def test_this_process_is_asked_for_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NODO_PORT", "9001")

    settings = process_settings({})

    assert (settings.data_dir, settings.port) == (tmp_path, 9001)


@given(number=st.integers(-(10**12), 10**12))
def test_a_port_is_taken_exactly_if_it_is_one(
    tmp_path_factory: pytest.TempPathFactory, number: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "none"
    try:
        port = load_settings({"port": str(number)}, {}, default_data_dir=folder).port
    except SettingError:
        assert not 0 <= number <= 65535
    else:
        assert port == number


_ANY_NAME = st.sampled_from([setting.name for setting in SETTINGS])


@given(name=_ANY_NAME, text=st.text(alphabet=string.printable + "ñ\u2028\x00", max_size=60))
def test_any_text_for_any_setting_is_taken_or_refused_with_its_name(
    tmp_path_factory: pytest.TempPathFactory, name: str, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "none"
    refusal = ""
    try:
        load_settings({name: text}, {}, default_data_dir=folder)
    except SettingError as error:
        refusal = error.message

    assert not refusal or name.replace("_", "-") in refusal or name in refusal


@given(data_dir=st.text(alphabet="ab~/. ", min_size=1, max_size=10))
def test_the_data_folder_is_a_path_from_the_root(data_dir: str) -> None:
    try:
        settings = load_settings({"data_dir": data_dir}, {}, default_data_dir=Path("/none"))
    except SettingError:
        return
    assert settings.data_dir.is_absolute()


def test_a_door_that_is_not_built_yet_is_not_silently_left_closed(tmp_path: Path) -> None:
    settings = _load(tmp_path, environ={"NODO_LAN": "on", "NODO_TUNNEL_PORT": "8002"})

    assert [warning.partition(" ")[0] for warning in settings.warnings] == [
        "NODO_TUNNEL_PORT",
        "NODO_LAN",
    ]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("300", 300.0), ("90s", 90.0), ("5m", 300.0), ("24H", 86_400.0), ("-1", -1.0), ("0", 0.0)],
)
def test_how_long_a_model_stays_is_said_in_seconds_or_with_a_unit(
    tmp_path: Path, said: str, seconds: float
) -> None:
    assert load_settings({}, {"NODO_KEEP_ALIVE": said}, default_data_dir=tmp_path).keep_alive == (
        seconds
    )


@pytest.mark.parametrize("said", ["5 m", "1d", "-5", "1e3", "m", "٣", "9" * 12])
def test_a_duration_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(SettingError, match="24h"):
        load_settings({}, {"NODO_KEEP_ALIVE": said}, default_data_dir=tmp_path)


def test_memory_is_counted_in_more_digits_than_nine(tmp_path: Path) -> None:
    environment = {"NODO_ENGINE_MEMORY_BYTES": "16000000000"}
    settings = load_settings({}, environment, default_data_dir=tmp_path)

    assert settings.engine_memory_bytes == 16_000_000_000
