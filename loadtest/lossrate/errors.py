"""What a person did or has wrong, said in one sentence."""


class LossrateError(Exception):
    """Ends the command with this sentence, without a traceback."""
