"""`manage.py dbshell`, which goes to where the product goes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.backends.postgresql import client
from psycopg.pq import Conninfo


class DatabaseClient(client.DatabaseClient):
    """Django hands a few of libpq's parameters on to psql; an address may have any, such as the
    folder of a socket as its `host`. libpq reads each from a variable of its own, too.

    https://www.postgresql.org/docs/current/libpq-envars.html
    """

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, list(parameters))
        return arguments, _variables(settings_dict["OPTIONS"]) | (environment or {})


def _variables(options: Mapping[str, object]) -> dict[str, str]:
    known = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar
    }
    return {known[name]: str(value) for name, value in options.items() if name in known}
