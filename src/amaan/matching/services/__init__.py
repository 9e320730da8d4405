"""Writing: one function a verb."""

from amaan.matching.services.growing import Growth, grow_list, withdraw_members
from amaan.matching.services.known import confirm_known, propose_known, refuse_known
from amaan.matching.services.listing import approve_list, propose_list, refuse_change, set_list, withdraw_list
from amaan.matching.services.survivors import add_survivor_hash, confirm_survivor, withdraw_survivor_hash

__all__ = [
    "Growth",
    "add_survivor_hash",
    "approve_list",
    "confirm_known",
    "confirm_survivor",
    "grow_list",
    "propose_known",
    "propose_list",
    "refuse_change",
    "refuse_known",
    "set_list",
    "withdraw_list",
    "withdraw_members",
    "withdraw_survivor_hash",
]
