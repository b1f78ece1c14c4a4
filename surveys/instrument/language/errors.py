"""The one error of the expression language."""


class ExpressionError(ValueError):
    """An expression that can't be used. `position` counts characters from 0; `code` is stable and dotted."""

    def __init__(self, message: str, position: int = 0, code: str = "expression.syntax", advice: str = "") -> None:
        self.message = message
        self.position = position
        self.code = code
        self.advice = advice
        super().__init__(message)
