"""The registers that know people and organisations, one module for each."""


class RegisterUnavailable(Exception):
    """A register did not answer, or not as agreed. The question is worth asking again later.

    `register` is "Profile", "Register" or "Authorization". `reason` never holds personal data.
    """

    def __init__(self, register: str, reason: str) -> None:
        super().__init__(f"{register} is unavailable: {reason}.")
        self.register = register
        self.reason = reason
