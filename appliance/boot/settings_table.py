"""Every setting there is: its names, its values, its default, and what it is for."""

from dataclasses import dataclass

from appliance.boot import settings_parsing as parsing
from appliance.boot.settings_parsing import Parser

ENV_PREFIX = "NODO_"


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: In `nodo.toml` and, with dashes, as a flag; `NODO_` and capitals in the environment.
        parse: Makes its value of a text, or refuses.
        default: As text; empty means that it is not set (None).
        help: What it is for, in one line.
        aliases: Variables of other systems that mean the same, the stronger first.
        is_secret: Its value is never shown.
        is_in_file: It may stand in `nodo.toml`.
        is_verbatim: Spaces around it belong to it.
        unset: What it is while nobody says anything and there is no default.
    """

    name: str
    parse: Parser
    default: str
    help: str
    aliases: tuple[str, ...] = ()
    is_secret: bool = False
    is_in_file: bool = True
    is_verbatim: bool = False
    unset: object = None

    @property
    def env(self) -> str:
        """Return its name in the environment."""
        return ENV_PREFIX + self.name.upper()


def _secret(name: str, help_text: str, *aliases: str) -> Setting:
    return Setting(name, parsing.secret, "", help_text, aliases, is_secret=True)


def _address(name: str, default: str, service: str) -> Setting:
    return Setting(name, parsing.web_address, default, f"Base address of {service}")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "data_dir",
        parsing.folder,
        "",
        "Folder with everything that Nodo keeps; by default the user's own data folder",
        is_in_file=False,
    ),
    Setting(
        "host",
        parsing.host,
        "127.0.0.1",
        "Address that the local door listens on; until set-up is done, one of this computer only",
    ),
    Setting("port", parsing.port, "8001", "Port of the local door; 0 takes any free one"),
    Setting("ollama_port", parsing.port, "0", "Port of the Ollama door; 0 keeps it closed"),
    Setting("tunnel_port", parsing.port, "0", "Port of the tunnel door; 0 keeps it closed"),
    Setting("lan", parsing.switch, "off", "Whether other devices of the network may come in"),
    Setting(
        "database_url",
        parsing.database_url,
        "",
        "Address of a PostgreSQL database; empty uses SQLite in the data folder",
        ("DATABASE_URL", "ENERGYAPP_DB_URL"),
        is_secret=True,
    ),
    Setting(
        "redis_url",
        parsing.redis_url,
        "",
        "Address of a Redis server for counts of requests and answers to repeat; empty needs none",
        ("REDIS_URL",),
        is_secret=True,
    ),
    Setting(
        "log_level",
        parsing.one_of("debug", "info", "warning", "error"),
        "info",
        "Least important kind of log line that is written",
    ),
    Setting(
        "log_to_file",
        parsing.switch,
        "on",
        "Whether a log is kept in files",
        ("ENERGYAPP_LOG_TO_FILE",),
    ),
    Setting(
        "log_file",
        parsing.folder,
        "",
        "The log's file; empty is logs/nodo.log in the data folder",
        ("ENERGYAPP_LOG_FILE",),
    ),
    Setting(
        "model", parsing.text, "", "Name of the model to load; empty takes the last chosen one"
    ),
    Setting(
        "threads",
        parsing.whole_number(0, 1024),
        "0",
        "Threads that compute; 0 takes one less than the computer has cores",
    ),
    Setting(
        "context_tokens",
        parsing.whole_number(256, 1_048_576),
        "8192",
        "Longest conversation that the model reads, in tokens",
    ),
    Setting(
        "engine_parallel",
        parsing.whole_number(1, 64),
        "4",
        "Answers that are written at the same time",
    ),
    Setting(
        "engine_repack",
        parsing.one_of("auto", "on", "off"),
        "auto",
        "Whether weights are kept twice, which writes quicker and reads slower; auto measures",
    ),
    Setting(
        "prefix_cache_bytes",
        parsing.whole_number(0, 1 << 50),
        "",
        "Room on disk for what was read before; 0 keeps nothing, empty a share of what is free",
    ),
    Setting(
        "processor_code",
        parsing.text,
        "",
        "Machine code of the engine, such as haswell; empty takes the best for this processor",
    ),
    Setting(
        "answer_cache_s",
        parsing.whole_number(0, 86_400),
        "300",
        "Seconds for which the answer to a lone question is given again; 0 writes each anew",
    ),
    Setting(
        "engine_memory_bytes",
        parsing.whole_number(0, 1 << 50),
        "0",
        "Memory that all models together may take; 0 takes three quarters of the computer's",
    ),
    Setting(
        "keep_alive",
        parsing.duration_s,
        "",
        "How long a model stays in memory unused, such as 5m; -1 is for ever. By default the chosen"
        " one for ever, others 5m",
    ),
    Setting("admin_email", parsing.email, "", "E-mail of the first administrator (unattended)"),
    Setting(
        "admin_password",
        parsing.password,
        "",
        "Password of the first administrator (unattended)",
        ("ADMIN_PASSWORD",),
        is_secret=True,
        is_verbatim=True,
    ),
    Setting("admin_name", parsing.text, "Admin", "Name of the first administrator (unattended)"),
    Setting("language", parsing.one_of("es", "en"), "es", "Language until somebody chooses one"),
    Setting(
        "cors_origins",
        parsing.origins,
        "",
        "Pages elsewhere that may use this box, with commas between",
        ("CORS_ORIGINS", "ENERGYAPP_ALLOWED_ORIGINS"),
        unset=(),
    ),
    Setting(
        "rate_limit_enabled",
        parsing.switch,
        "on",
        "Whether requests are counted and limited",
        ("RATE_LIMIT_ENABLED",),
    ),
    Setting(
        "rate_limit_redis_enabled",
        parsing.switch,
        "off",
        "Whether they are counted in Redis, so that counts outlive a restart",
        ("RATE_LIMIT_REDIS_ENABLED",),
    ),
    Setting(
        "jwt_secret",
        parsing.jwt_secret,
        "",
        "Key that signs sign-ins, 32 characters or more; empty lets Nodo make and keep one",
        ("JWT_SECRET", "ENERGYAPP_SECRET_KEY"),
        is_secret=True,
    ),
    Setting(
        "fernet_key_rotation_days",
        parsing.whole_number(1, 3650),
        "90",
        "Days after which the key of stored secrets is renewed",
        ("FERNET_KEY_ROTATION_DAYS",),
    ),
    _secret("whatsapp_app_secret", "Secret that signs WhatsApp's webhooks", "WHATSAPP_APP_SECRET"),
    _secret("aemet_api_key", "Key for AEMET's weather data", "AEMET_API_KEY"),
    _secret("openweather_api_key", "Key for OpenWeather's data", "OPENWEATHERMAP_API_KEY"),
    _secret("ree_api_token", "Token for REE's price data (ESIOS)", "REE_API_TOKEN"),
    _secret("influxdb_token", "Token that writers of time series send", "INFLUXDB_TOKEN"),
    _secret("cloudflare_tunnel_token", "Token of a Cloudflare tunnel", "CLOUDFLARE_TUNNEL_TOKEN"),
    _address("ree_url", "https://apidatos.ree.es", "REE's open data"),
    _address("esios_url", "https://api.esios.ree.es", "ESIOS"),
    _address("omie_url", "https://www.omie.es", "OMIE"),
    _address("aemet_url", "https://opendata.aemet.es/opendata", "AEMET"),
    _address("openweather_url", "https://api.openweathermap.org", "OpenWeather"),
    _address("graph_url", "https://graph.facebook.com", "Meta's Graph API"),
    _address("hf_url", "https://huggingface.co", "the model hub"),
)
