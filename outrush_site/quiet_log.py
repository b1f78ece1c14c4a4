"""What goes into PostgreSQL's log: no statement, no bound value, no detail line (which quotes keys).

By PostgreSQL's own defaults a double click is enough to have an interview's id written there, and the second of it.
"""

from collections.abc import Mapping

QUIET_LOG = {
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",  # a slow statement would be written with the answers in it
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
}


def wrong_settings(found: Mapping[str, str]) -> dict[str, str]:
    """Those of QUIET_LOG that a server has otherwise, as they have to be. `found` are its own."""
    return {name: value for name, value in QUIET_LOG.items() if found.get(name) != value}
