"""What a service says when it won't do what it was asked: one clear line for whoever asked."""


class Refused(Exception):
    """A refusal that nothing has changed for. `str()` is shown to staff, so it holds no personal data.

    `code` is stable and dotted, such as `wave.exists`.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
