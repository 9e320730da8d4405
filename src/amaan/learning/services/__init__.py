"""Writing: fit a model, turn it on or off, propose turns and take them back."""

from amaan.learning.services.learning import fit_model
from amaan.learning.services.proposing import look_ahead, propose, propose_some
from amaan.learning.services.switching import turn_off, turn_on

__all__ = ["fit_model", "look_ahead", "propose", "propose_some", "turn_off", "turn_on"]
