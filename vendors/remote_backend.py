"""What every backend has that asks a vendor over the network and pays, for clips and for pictures. Buys nothing itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from pydantic import SecretStr

from catalogue import Kind, Provider
from errors import BackendUnavailable, Problem
from media.film_format import FilmFormat
from runtime.answers import Busy, Refused, Trouble
from video_generator_interface import JSON, Backend, BackendOptions, Report, Terms


class RemoteBackend(Backend):
    """A model behind a vendor's API. `provider` is the vendor's name in the catalogue, `sells` which of its models are meant.

    SDKs get the key and the address explicitly, with their own retries off: one purchase is one POST.
    """

    charges: ClassVar[bool] = True
    provider: ClassVar[str]
    sells: ClassVar[Kind]

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        super().__init__(options, film, terms)
        self.closed = self._retired() if self.terms.bought else ""
        """Why the provider takes nothing more from this account; empty while it does."""
        self.remedy = ""
        """What a person can do about that."""
        self.full = ""
        """Why it takes nothing more for now, by its books as they were seen last; empty while it does."""

    @property
    @abstractmethod
    def model_version(self) -> str:
        """The model's id, as the provider calls it."""

    @property
    def title(self) -> str:
        return f"{self.name} {self.model_version}"

    @property
    def vendor(self) -> Provider:
        """What the catalogue says of the provider. Raises LookupError when it knows none of this name."""
        return self.terms.catalogue.providers[self.provider]

    @property
    def usual_places(self) -> int:
        """As the block says (`parallel`), else as the catalogue does."""
        known = self.terms.catalogue.providers.get(self.provider)
        return getattr(self.options, "parallel", None) or (known.parallel if known else self.parallel)

    def identity(self) -> Mapping[str, JSON]:
        """The model is part of it, also where the catalogue chose it."""
        return {**super().identity(), "model_version": self.model_version}

    # -- what is wrong, and what to know -----------------------------------------------------------------------------------

    def problem(self, option: str, what: str, advice: str = "") -> Problem:
        """Something about one option of its block."""
        return Problem(f"{self.section}.{option}", what, advice)

    def problems(self) -> Iterator[Problem]:
        """The keys that no header can carry: what goes wrong with one would stand in full in an error's text."""
        for name, key in self._keys().items():
            if not (key.isascii() and key.isprintable() and " " not in key):
                yield self.problem(name, "holds a space, a line break or a sign that no key has", "copy it anew")

    def mistakes(self) -> Iterator[Problem]:
        """What is wrong with the model's name: unknown, or retired, with what replaced it."""
        if (said := self._verdict()) and not self._retired():
            yield self.problem("model_version", said)

    def _verdict(self) -> str | None:
        return self.terms.catalogue.verdict(self.provider, self.model_version, date.today(), self.sells)

    def _retired(self) -> str:
        """Of a model that this film has purchases of and that was retired since: that no more is bought. Empty of others."""
        vendor = self.terms.catalogue.providers.get(self.provider)
        known = vendor is not None and vendor.known(self.sells, self.model_version) is not None
        said = self._verdict() if known and (self.name, self.model_version) in self.terms.bought else None
        return f"{said}; nothing more is bought of it, what is paid is fetched and used" if said else ""

    def warnings(self) -> Iterator[str]:
        if retired := self._retired():
            yield retired
        yield from self.terms.catalogue.notes(self.provider, self.model_version, date.today(), self.terms.price_age_days,
                                              self.sells)

    # -- the account -------------------------------------------------------------------------------------------------------

    def translated(self) -> AbstractContextManager[None]:
        """Around the adapter's calls: turns the SDK's exceptions into Refused, Busy, Trouble and, of what is answered at once,
        Spoilt. An adapter that needs it overrides it."""
        return nullcontext()

    async def prove(self) -> str:
        wrong = list(self.problems())
        if wrong:
            raise BackendUnavailable(wrong)
        try:
            with self.translated():
                return await self.proof()
        except (Refused, Busy, Trouble) as no:
            raise BackendUnavailable([Problem(self.section, f"cannot be asked: {no}")]) from no

    async def proof(self) -> str:
        """Makes free calls that show that key and model are good, and says so. Raises as `translated` does."""
        return "there is no free call to try it by"

    def refused(self, no: Refused) -> None:
        """Takes note of a refusal: of one that is about the account, it is asked no more."""
        if no.account:
            self.closed, self.remedy = f"{self.name} refuses this account: {no}", self.remedy_for(no)

    def remedy_for(self, no: Refused) -> str:
        """What a person can do about a refusal that is about the account: where the key it was asked with comes from."""
        if not no.account:
            return ""
        return f"{self._where_keys_are() if no.key else f'see what the account at {self.provider} may do, and its credit'}; " \
               "`doctor --online` tries it"

    def _where_keys_are(self) -> str:
        fields = type(self.options).model_fields
        named = [name for name in self._keys() if name == "api_key"] or list(self._keys())
        extra = [fields[name].json_schema_extra for name in named]
        known = [one["env"] for one in extra if isinstance(one, dict) and isinstance(one.get("env"), list)]
        variables = [str(name) for names in known if isinstance(names, list) for name in names]
        written = " or ".join(f"{self.section}.{name}" for name in named)
        return f"give a key that is good: {' or '.join([*variables, written])}" if variables else f"correct {written}"

    @property
    def secrets(self) -> list[str]:
        """Its keys in plain text, to be kept out of what is written."""
        return [key for key in self._keys().values() if key]

    def _keys(self) -> dict[str, str]:
        given = {name: getattr(self.options, name) for name in type(self.options).model_fields}
        return {name: plain(value) for name, value in given.items() if isinstance(value, SecretStr)}

    async def generate(self, request: Any, to: Path, report: Report) -> None:
        raise NotImplementedError(f"{self.name} costs money: it is asked through serve(), with a counter to buy at")


def plain(secret: SecretStr | None) -> str:
    """The text of a secret, empty where there is none: to be handed to an SDK."""
    return secret.get_secret_value() if secret else ""
