"""What can go wrong, in one bit: temporary (try again) or permanent (a person must look). Unknown means temporary."""


class GatewayError(Exception):
    """Anything this program says went wrong; its text is for operators, never for strangers."""


class TemporaryError(GatewayError):
    """May succeed later without anybody's help: the caller defers."""


class DamagedError(TemporaryError):
    """The database's file is broken or gone. No mail is to blame: none is held; the daemon ends, a person must look."""


class PermanentError(GatewayError):
    """Will fail again the same way: the caller holds the mail for a person."""


class MissingError(PermanentError):
    """What was to be looked at is not there."""


class ConfigError(GatewayError):
    """The configuration cannot be used; `faults` names each place and what to write instead."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
