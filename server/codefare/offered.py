"""The catalog as it is on this machine now: with what the local servers really have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codefare_catalog import Catalog, Model, Offering

if TYPE_CHECKING:
    from codefare.providers.endpoints import Endpoints
    from codefare.providers.probe import LocalServer

_UNKNOWN_VOCABULARY = "unknown"
_LOCAL = "local"


class OfferedCatalog:
    """Follows the local servers: their models' real windows, and their models that the catalog does not know.

    A model that a user runs is free, whatever it is; it stands behind all rows of the catalog.
    """

    def __init__(self, catalog: Catalog, endpoints: Endpoints) -> None:
        self._catalog = catalog
        self._endpoints = endpoints
        self._seen: tuple[LocalServer, ...] = ()
        self._current = catalog

    @property
    def current(self) -> Catalog:
        """The catalog with what the last look found."""
        servers = self._endpoints.probe.current()
        if servers != self._seen:
            self._seen = servers
            self._current = self._with_local()
        return self._current

    def _with_local(self) -> Catalog:
        models = {model.id: self._served(model) for model in self._catalog.models.values()}
        for offering in self._endpoints.local_offerings():
            models[offering.model] = _model(offering)
        return replace(self._catalog, models=models)

    def _served(self, model: Model) -> Model:
        if all(offering.provider != _LOCAL for offering in model.offerings):
            return model
        offerings = tuple(self._endpoints.served(offering) for offering in model.offerings)
        return replace(model, offerings=offerings)


def _model(offering: Offering) -> Model:
    return Model(
        id=offering.model,
        name=offering.wire_id,
        vendor="self-hosted",
        vocabulary=_UNKNOWN_VOCABULARY,
        offerings=(offering,),
        open_weights=True,
    )
