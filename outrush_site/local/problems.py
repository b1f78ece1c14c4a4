"""What stops `make run` or `make test`, said in one line to the person at the terminal."""


class LocalProblem(Exception):
    """Its text is shown as it stands: what is wrong and what to do, in one line, without a traceback."""
