"""Publishing, delivering, and the signs of life of those who do."""

from amaan.outbox.services.delivering import (
    MOST_ATTEMPTS,
    Waiting,
    dead_letters,
    deliver,
    due,
    ids_behind,
    ids_waiting,
    pending,
    publish,
    retry_dead_letters,
    subscriptions,
    waiting,
    waiting_among,
)
from amaan.outbox.services.signs import (
    HEARTBEAT,
    beat,
    beat_long_work,
    end_long_work,
    long_work,
    with_worker,
    worker_alive,
)

__all__ = [
    "HEARTBEAT",
    "MOST_ATTEMPTS",
    "Waiting",
    "beat",
    "beat_long_work",
    "dead_letters",
    "deliver",
    "due",
    "end_long_work",
    "ids_behind",
    "ids_waiting",
    "long_work",
    "pending",
    "publish",
    "retry_dead_letters",
    "subscriptions",
    "waiting",
    "waiting_among",
    "with_worker",
    "worker_alive",
]
