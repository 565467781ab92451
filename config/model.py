"""The shape of a configuration file, with the rules that its values have to keep; pydantic checks them."""

import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from annotated_types import Ge, Gt, Le, Len
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from config import specs
from config.alert_settings import AlertSettings
from config.problems import RefusedValueError, closest, shown
from config.redis_target import RedisTarget, parse_redis_url
from config.retention import Retention

ROOT = Path(__file__).resolve().parent.parent  # the checkout

LogLevel = Literal["debug", "info", "warning", "error"]
Theme = Literal["dark", "light", "system"]

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
_MOST_THRESHOLDS = 32
_LINE_BREAKING = ("Cc", "Cs", "Zl", "Zp")  # Unicode categories that no name may contain
_HASH_DIGITS = 64
_LONGEST_NAME = 64
_RETENTION = Retention()


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _threshold(value: float) -> float:
    """Let pass what stands on the grid of hundredths: 1.15 does, although no float is exactly 1.15."""
    centi = Decimal(repr(value)) * 100
    if centi != int(centi):
        raise RefusedValueError(f"{value!r} lies between hundredths", nearest=f"{round(centi) / 100:.2f}")
    return value


def _one_line(text: str) -> str:
    """Refuse text that is not one clean line: names end in file names, keys, tables and logs."""
    clean = "".join(c for c in text if unicodedata.category(c) not in _LINE_BREAKING).strip()
    if clean != text:
        fault = f"{shown(text)} has control characters, or a space at an end"
        raise RefusedValueError(fault, nearest=shown(clean) if clean else "")
    return text


def bookmaker_name(text: str) -> str:
    """Return a name that did not come from a configuration, checked as one that did.

    Raises `RefusedValueError`.
    """
    if not 1 <= len(text) <= _LONGEST_NAME:
        nearest = shown(text[:_LONGEST_NAME]) if text else ""
        raise RefusedValueError(f"a name has 1 to {_LONGEST_NAME} characters", nearest=nearest)
    return _one_line(text)


def _redis_url(value: SecretStr | None) -> SecretStr | None:
    """Let pass what names a Redis. Nothing of the text is repeated: it may hold a password."""
    if value is not None:
        try:
            parse_redis_url(value.get_secret_value())
        except ValueError as error:
            fault = f"{error} (the value is not shown)"
            raise RefusedValueError(fault, nearest='"redis://127.0.0.1:6379/0"') from None
    return value


def _share(value: object) -> object:
    """Refuse what was meant as a percentage with the share it stands for."""
    if isinstance(value, (int, float)) and 50 <= value <= 100:
        fault = f"{shown(value)} is a percentage, not a share"
        raise RefusedValueError(fault, nearest=f"{value / 100:g}")
    return value


def _zone(name: str) -> str:
    """Let pass "local" and the names of the IANA time zone database."""
    if name == "local":
        return name
    from config.time_zones import nearest_zone, zone_named  # costs 10 ms: only where a zone is named

    if zone_named(name) is None:
        nearest = closest(name, ("local",), 0.7) or nearest_zone(name)
        raise RefusedValueError(f"{shown(name)} is no time zone", nearest=shown(nearest))
    return name


def _zone_of_recording(name: str) -> None:
    """Let pass what `import --timezone` takes: a name, or an offset."""
    from config.time_zones import nearest_zone, zone_or_offset  # as above

    if zone_or_offset(name) is None:
        nearest = shown(nearest_zone(name))
        raise RefusedValueError(f"{shown(name)} is no time zone", nearest=nearest, at=("timezone",))


def _path(path: Path, *, at: tuple[str, ...] = ()) -> Path:
    """Refuse a path that its layer could not make absolute, or that no system can open."""
    if path == Path():
        raise RefusedValueError("is empty", at=at)
    if not path.is_absolute():
        raise RefusedValueError(f"{shown(str(path))} begins with the home of nobody here", at=at)
    if "\0" in str(path):
        raise RefusedValueError(f"{shown(str(path))} has a character that no path has", at=at)
    return path


def _check_hash(text: str, key: str) -> None:
    digits = text.lower()
    if len(digits) != _HASH_DIGITS or not set(digits) <= set("0123456789abcdef"):
        raise RefusedValueError(f"{shown(text)} is no hash of {_HASH_DIGITS} hex digits", at=(key,))


def _fairness(fairness: specs.FairnessSpec | None) -> specs.FairnessSpec | None:
    """Refuse what a scheme cannot do without, and what it has no use for."""
    if fairness is None:
        return None
    if fairness.scheme == "ethercrash" and fairness.salt is None:
        fault = "is missing: scheme ethercrash has no published salt"
        raise RefusedValueError(fault, at=("salt",))
    if fairness.scheme not in get_args(specs.SchemeName):
        for key in ("salt", "commitment"):
            if getattr(fairness, key) is not None:
                fault = f"scheme {fairness.scheme} has no such thing: each game stands for itself"
                raise RefusedValueError(fault, at=(key,))
    if fairness.commitment is not None:
        _check_hash(fairness.commitment, "commitment")
    return fairness


def _source(source: specs.SourceSpec) -> specs.SourceSpec:
    """Refuse what the types of a source cannot say."""
    if isinstance(source, specs.ChainSpec):
        _check_hash(source.hash, "hash")
    if isinstance(source, specs.ReplaySpec):
        _path(source.path, at=("path",))
        if source.timezone != "UTC":
            _zone_of_recording(source.timezone)
    return source


def _betting(betting: specs.BettingSpec) -> specs.BettingSpec:
    """Refuse settings of a strategy that do not fit together."""
    if betting.strategy == "python":
        if betting.file is None:
            raise RefusedValueError("is missing: the file with the class", at=("file",))
        _path(betting.file, at=("file",))
        if not betting.class_name.isidentifier():
            fault = f"{shown(betting.class_name)} is no name of a class"
            raise RefusedValueError(fault, at=("class_name",))
    elif betting.strategy != "flat" and betting.limit_minor < betting.stake_minor:
        fault = f"{betting.limit_minor} is below the stake"
        raise RefusedValueError(fault, nearest=str(betting.stake_minor), at=("limit_minor",))
    return betting


def _regions(rgb: specs.RgbSpec) -> specs.RgbSpec:
    """Refuse two regions of one name: their colours could not be told apart."""
    names = [region.name for region in rgb.regions]
    for index, name in enumerate(names):
        if name in names[:index]:
            candidates = (f"{name[:60]} {n}" for n in range(2, len(names) + 2))
            free = next(candidate for candidate in candidates if candidate not in names)
            raise RefusedValueError(
                f"{shown(name)} is taken", nearest=shown(free), at=("regions", index, "name")
            )
    return rgb


Rtp = Annotated[specs.Rtp, BeforeValidator(_share)]


class RedisSettings(BaseModel):
    """Where Redis is, if it is used at all."""

    model_config = _STRICT

    enabled: bool = False
    url: Annotated[SecretStr | None, AfterValidator(_redis_url)] = None  # wins over host, port and db
    host: Annotated[str, Len(1, 255), AfterValidator(_one_line)] = "127.0.0.1"
    port: Annotated[int, Ge(1), Le(65_535)] = 6379
    db: Annotated[int, Ge(0), Le(65_535)] = 0
    password: SecretStr | None = None
    key_prefix: Annotated[str, Len(0, 64), AfterValidator(_one_line)] = ""

    @property
    def target(self) -> RedisTarget:
        """Where Redis is, as every process gets it, whether it is enabled or not."""
        password = self.password.get_secret_value() if self.password else None
        if self.url is not None:
            return parse_redis_url(self.url.get_secret_value(), password=password, prefix=self.key_prefix)
        return RedisTarget(
            host=self.host, port=self.port, db=self.db, password=password, prefix=self.key_prefix
        )

    @property
    def address(self) -> str:
        """For the operator: where it is, without any password."""
        return self.target.address


class CacheSettings(BaseModel):
    """How long aggregated metrics live in Redis, and how often they are renewed."""

    model_config = _STRICT

    ttl_hours: Annotated[float, Gt(0), Le(8_760)] = 24.0
    refresh_hours: Annotated[float, Gt(0), Le(8_760)] = 6.0


class StorageSettings(BaseModel):
    """How many days the database keeps what is no round; 0: for ever."""

    model_config = _STRICT

    rgb_keep_days: Annotated[int, Ge(0), Le(36_500)] = _RETENTION.rgb_days
    quarantine_keep_days: Annotated[int, Ge(0), Le(36_500)] = _RETENTION.quarantine_days

    @property
    def retention(self) -> Retention:
        """The same as the writer gets it."""
        return Retention(rgb_days=self.rgb_keep_days, quarantine_days=self.quarantine_keep_days)


class AnalyticsSettings(BaseModel):
    """What the rounds are held against, how sure an alarm has to be, and whose midnight begins a day."""

    model_config = _STRICT

    rtp: Rtp = 0.97  # claimed return of live sources that name none of their own
    alpha: Annotated[float, Ge(1e-9), Le(0.5)] = 0.01  # probability of any false alarm, for ever
    timezone: Annotated[str, AfterValidator(_zone)] = "local"


class WindowSettings(BaseModel):
    """What the window starts with, until the operator chooses otherwise in it."""

    model_config = _STRICT

    theme: Annotated[Theme, BeforeValidator(_lower)] = "dark"


class Bookmaker(BaseModel):
    """A bookmaker as the file has it: `BookmakerSpec`, with its source told apart by `kind`."""

    model_config = _STRICT

    name: Annotated[specs.Name, AfterValidator(_one_line)]
    source: Annotated[specs.SourceSpec, Field(discriminator="kind"), AfterValidator(_source)]
    enabled: bool = True
    group: Annotated[str, Len(0, 64), AfterValidator(_one_line)] = ""
    betting: Annotated[specs.BettingSpec, AfterValidator(_betting)] = specs.BettingSpec()
    rgb: Annotated[specs.RgbSpec, AfterValidator(_regions)] = specs.RgbSpec()
    session: specs.SessionSpec = specs.SessionSpec()
    rtp: Rtp | None = None
    fairness: Annotated[specs.FairnessSpec | None, AfterValidator(_fairness)] = None

    def spec(self) -> specs.BookmakerSpec:
        """Return the same as a worker gets it."""
        return specs.BookmakerSpec(
            name=self.name,
            source=self.source,
            enabled=self.enabled,
            group=self.group,
            betting=self.betting,
            rgb=self.rgb,
            session=self.session,
            rtp=self.rtp,
            fairness=self.fairness,
        )


def _different_names(bookmakers: list[Bookmaker]) -> list[Bookmaker]:
    """Names must differ in more than case: some file systems and most readers do not tell them apart."""
    taken: dict[str, str] = {}
    for index, bookmaker in enumerate(bookmakers):
        folded = _folded(bookmaker.name)
        if folded in taken:
            fault = f"{shown(bookmaker.name)} is taken by {shown(taken[folded])}"
            nearest = shown(_free_name(bookmaker.name, bookmakers))
            raise RefusedValueError(fault, nearest=nearest, at=(index, "name"))
        taken[folded] = bookmaker.name
    return bookmakers


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _free_name(name: str, bookmakers: list[Bookmaker]) -> str:
    taken = {_folded(bookmaker.name) for bookmaker in bookmakers}
    candidates = (f"{name[:60]} {n}" for n in range(2, len(bookmakers) + 3))
    return next(candidate for candidate in candidates if _folded(candidate) not in taken)


Threshold = Annotated[float, Ge(1.01), Le(100_000), AfterValidator(_threshold)]


class Document(BaseModel):
    """Everything that can be set."""

    model_config = _STRICT

    data_dir: Annotated[Path, AfterValidator(_path)] = ROOT / "data"
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = "info"
    thresholds: Annotated[list[Threshold], Len(0, _MOST_THRESHOLDS)] = [
        centi / 100 for centi in specs.DEFAULT_THRESHOLDS_CENTI
    ]
    window: WindowSettings = WindowSettings()
    redis: RedisSettings = RedisSettings()
    cache: CacheSettings = CacheSettings()
    storage: StorageSettings = StorageSettings()
    analytics: AnalyticsSettings = AnalyticsSettings()
    alerts: AlertSettings = AlertSettings()
    bookmakers: Annotated[list[Bookmaker], AfterValidator(_different_names)] = []

    @model_validator(mode="after")
    def _alerts_fit(self) -> Self:
        """Refuse rules about bookmakers or thresholds that the rest of the configuration does not have."""
        names = [bookmaker.name for bookmaker in self.bookmakers]
        self.alerts.check_against(names, [round(threshold * 100) for threshold in self.thresholds])
        return self
