"""`amaan serve`: web and worker in one process group; `amaan worker`: the worker alone."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from django.conf import settings

from amaan.cli.door_gunicorn import ERASING
from amaan.cli.gunicorn_settings import workers
from amaan.cli.prepare import NotReady, prepare, prepare_door_tables

PATIENCE = 10.0
"""Seconds that a child gets to finish what it is doing before it is killed."""
_STEADY = 60.0
"""Seconds after which a child that dies is a new misfortune and not the old one again."""
_GATHER_SECONDS = 0.3
"""How long a worker that keeps up lets deliveries gather while much is brought in: a turn of four hundred reports costs
hardly more than one of a hundred, and each of its commits makes the import read its pages anew."""
_SWEEP_SECONDS = 60.0
_REBUILD_SECONDS = 300.0
"""How often unfinished reports of the wire are looked for."""
_DEMO_REPORTS = 400
_DEMO_TOLD = 16
_DEMO_DECIDED = 200
"""Reports at the public's door beside them."""
_LONG = 70
"""Bytes of a temporary folder's name above which a socket's path in it might be cut."""
_THREADS = 64
"""Of all web processes: as many connections as a PostgreSQL of default settings has to give, and some to spare."""


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
    bind: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo world first, if it is not there.")
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option(min=4, help="Requests that a web process answers at once; 64 together if not said."),
    ] = None,
) -> None:
    """Serve the desk and the platforms' wire, everything embedded. Prepares its database. Ctrl-C ends everything."""
    from amaan.accounts.domain import DemoExposed
    from amaan.accounts.second_factor import policy
    from amaan.authority.actors import Actor
    from amaan.demo.services import (
        AnotherDemoWorld,
        DemoIncomplete,
        RealInstallation,
        demo_world_loaded,
        load_world,
    )
    from amaan.evidence.services import settle_policy, sweep_unfinished

    settings.AMAAN_BIND = bind
    threads = threads or _THREADS // workers
    if {"public"} == settings.AMAAN_DOORS:
        raise typer.Exit(_serve_door_alone(bind, port))
    prepare()
    settle_policy(Actor.system("serve"))
    sweep_unfinished()
    try:
        policy()
        if demo and not demo_world_loaded():
            typer.echo(f"Loading the demo world: {_DEMO_REPORTS} invented reports, once.")
            load_world(seed=1, reports=_DEMO_REPORTS, told=_DEMO_TOLD, decided=_DEMO_DECIDED, rings=True)
        rule = policy()
    except (AnotherDemoWorld, DemoExposed, DemoIncomplete, RealInstallation) as refusal:
        raise NotReady(str(refusal)) from refusal
    _refuse_taken(bind, port)
    with _door_socket() as door:
        told = _environment(bind, threads) | ({"AMAAN_DOOR_SOCKET": door} if door else {})
        children = _Children()
        children.start(
            "worker", [sys.executable, "-m", "amaan.cli", "worker", "--with-parent", str(os.getpid())], told
        )
        if door:
            children.start("door", _door(f"unix:{door}"), _door_environment(bind))
        children.start("web", _gunicorn(bind, port, threads), told)
        _say_where(bind, port, rule)
        raise typer.Exit(children.watch())


def _say_where(bind: str, port: int, rule: str) -> None:
    from amaan.demo.people import describe_sign_in
    from amaan.demo.services import demo_world_loaded

    host = f"[{bind}]" if ":" in bind else bind
    typer.echo(f"Amaan answers on http://{host}:{port} — Ctrl-C ends it.")
    if "public" in settings.AMAAN_DOORS:
        typer.echo(
            f"The public's door: http://{host}:{port}/en/ and /ur/ · the desk: http://{host}:{port}/desk/"
        )
    if demo_world_loaded():
        typer.echo(f"Demo world: nobody in it exists. Second factor: {rule}. Sign in as:")
        for line in describe_sign_in():
            typer.echo(line)
    sys.stdout.flush()


def _serve_door_alone(bind: str, port: int) -> int:
    """The public's door on a machine of its own, which has none of the desk's keys (docs/how-to/public-door.md)."""
    from amaan.portal.keys import DoorNotReady, prepare_door_keys, read_door_keys
    from amaan.portal.services import say_codes

    keys = Path(settings.AMAAN_PORTAL_KEYS)
    prepare_door_keys(keys, None)
    try:
        read_door_keys(keys)
    except DoorNotReady as fault:
        raise NotReady(str(fault)) from fault
    prepare_door_tables()
    say_codes()
    _refuse_taken(bind, port)
    host = f"[{bind}]" if ":" in bind else bind
    children = _Children()
    children.start("door", _door(f"{host}:{port}"), _door_environment(bind))
    typer.echo(f"The public's door answers on http://{host}:{port} — Ctrl-C ends it.")
    sys.stdout.flush()
    return children.watch()


@contextmanager
def _door_socket() -> Iterator[str]:
    """Where the door is to be reached by the web processes of this machine; empty where it isn't served.

    In a folder of its own with a short name: a socket's path takes about a hundred bytes, and AMAAN_HOME may be longer.
    So may TMPDIR; then it lies in /tmp.
    """
    if "public" not in settings.AMAAN_DOORS:
        yield ""
        return
    short = len(tempfile.gettempdir()) < _LONG
    with tempfile.TemporaryDirectory(prefix="amaan-door-", dir=None if short else "/tmp") as folder:  # noqa: S108
        yield str(Path(folder) / "door.sock")


def _door_environment(bind: str) -> dict[str, str]:
    """What the door's process is told: its own two folders, and none of the desk's."""
    ours = {**os.environ}
    allowed = {"AMAAN_PORTAL_DATABASE", "AMAAN_HOSTS", "AMAAN_ORIGIN", "AMAAN_EXIT_TO"}
    return {
        **{name: value for name, value in ours.items() if name in allowed or not name.startswith("AMAAN_")},
        "AMAAN_BIND": bind,
        "AMAAN_DOORS": "public",
        "AMAAN_HOME": str(settings.AMAAN_PORTAL_HOME),
        "AMAAN_KEYS": str(settings.AMAAN_PORTAL_KEYS),
        "AMAAN_PORTAL_HOME": str(settings.AMAAN_PORTAL_HOME),
        "AMAAN_PORTAL_KEYS": str(settings.AMAAN_PORTAL_KEYS),
        "DJANGO_SETTINGS_MODULE": "amaan.config.door",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        **ERASING,
    }


def _door(bind: str) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "amaan.config.door_wsgi:application"),
        *("--config", "python:amaan.cli.door_gunicorn", "--bind", bind),
    ]


def _refuse_taken(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((bind, port))
        except OSError as error:
            raise NotReady(
                f"Port {port} on {bind} cannot be used ({error.strerror}): perhaps Amaan runs already. Choose another: "
                f"amaan serve --port {port + 1}, or make run PORT={port + 1}."
            ) from error


def _environment(bind: str, threads: int) -> dict[str, str]:
    told = {"AMAAN_BIND": bind, "AMAAN_THREADS": str(threads)}
    return {**os.environ, **told, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _gunicorn(bind: str, port: int, threads: int) -> list[str]:
    host = f"[{bind}]" if ":" in bind else bind
    return [
        *(sys.executable, "-m", "gunicorn", "amaan.config.wsgi:application"),
        *("--config", "python:amaan.cli.gunicorn_settings"),
        *("--bind", f"{host}:{port}", "--threads", str(threads)),
    ]


class _Children:
    """Child processes that begin and end with this one."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[list[str], dict[str, str], subprocess.Popen[bytes]]] = {}
        self._stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        # A session of its own: Ctrl-C reaches this process alone, which then ends its children in order.
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        self._running[name] = (command, environment, process)

    def watch(self) -> int:
        """Wait; a worker or door that dies is started again, a web process that dies ends everything."""
        restarts, began = 0, time.monotonic()
        while not self._stop.wait(0.2):
            for name, (command, environment, process) in list(self._running.items()):
                code = process.poll()
                if code is None:
                    continue
                if name == "web" or restarts >= 5:
                    typer.echo(f"The {name} process ended with {code}; stopping.", err=True)
                    self._end()
                    return code or 1
                restarts = restarts + 1 if time.monotonic() - began < _STEADY else 1
                began = time.monotonic()
                typer.echo(f"The {name} process ended with {code}; starting it again.", err=True)
                time.sleep(min(restarts, 5))
                self.start(name, command, environment)
        self._end()
        return 0

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _end(self) -> None:
        for _, _, process in self._running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + PATIENCE
        for _, _, process in self._running.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def worker(
    with_parent: Annotated[int, typer.Option("--with-parent", hidden=True)] = 0,
) -> None:
    """Deliver events, match, number the ledger and end what platforms left unfinished, until told to stop."""
    from django.utils import timezone

    from amaan.authority.actors import Actor
    from amaan.bundles.services import follow_left
    from amaan.care.services import drop_old
    from amaan.cli.chores import Aside, Chore, Command
    from amaan.correspondence.services import carry_some, leave_letters
    from amaan.feedback.services import count_some, tell_some
    from amaan.learning.services import propose_some
    from amaan.ledger.services import sequence
    from amaan.lexicon.services import reread_some
    from amaan.linking.services.upkeep import rebuild_is_due
    from amaan.matching.services.exchanging import run_due_exchange
    from amaan.matching.services.indexing import keep_index
    from amaan.matching.services.rematching import rematch_some
    from amaan.outbox.services import beat, deliver, keeping_up, long_work
    from amaan.referrals.services import expire_reports
    from amaan.store.rows import checkpoint
    from amaan.triage.services import ask_next, make_digests, raise_wakes, route_some, send_some
    from amaan.triage.services.rebanding import reband_some
    from amaan.triage.services.replaying import replay_some

    if not with_parent:
        prepare()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def say() -> None:
        if not deliveries.failing:  # who can't deliver doesn't say that it does
            beat()

    def number_ledger() -> None:
        sequence()

    def forget() -> None:
        drop_old(Actor.system("care"), now=timezone.now())

    rebuild = Command(["links", "rebuild"], when=rebuild_is_due)
    deliveries = Chore("deliver events", deliver)
    little_left = Chore("see how much is left", keeping_up)
    others = (
        Chore("carry the database's log over", checkpoint, every=3),
        Chore(
            "end what platforms left unfinished",
            lambda: expire_reports(Actor.system("wire")),
            every=_SWEEP_SECONDS,
        ),
        # The door's database may be on another machine, which may be taken: nothing waits for it but these two.
        Chore("carry what the public sent", Aside(carry_some), every=0.5),
        Chore("leave letters at the door", Aside(leave_letters), every=0.5),
        Chore("match past reports again", lambda: rematch_some(Actor.system("matching")), every=0.2),
        Chore("read past reports again", lambda: reread_some(Actor.system("lexicon")), every=0.2),
        Chore("band again by new rules", lambda: reband_some(Actor.system("triage")), every=0.2),
        Chore("settle what was left behind", lambda: follow_left(Actor.system("bundles")), every=60),
        Chore("replay proposed rules", lambda: replay_some(Actor.system("triage")), every=0.2),
        Chore("ask the exchanges", Aside(lambda: run_due_exchange(Actor.system("exchanges"))), every=15),
        Chore("tell partners what became of reports", lambda: tell_some(Actor.system("feedback")), every=30),
        Chore("count how reports fare", Aside(lambda: count_some(Actor.system("feedback"))), every=60),
        Chore("let the model order what waits", lambda: propose_some(Actor.system("learning")), every=5),
        Chore("find reports their queue anew", lambda: route_some(Actor.system("queues")), every=1),
        Chore("call somebody", lambda: raise_wakes(Actor.system("calls"), now=timezone.now()), every=20),
        Chore(
            "ask the next on the list", lambda: ask_next(Actor.system("calls"), now=timezone.now()), every=5
        ),
        Chore("write digests", lambda: make_digests(Actor.system("calls"), now=timezone.now()), every=60),
        Chore("forget who read what a year ago", forget, every=3600),
        Chore("send what is to be told", Aside(lambda: send_some(Actor.system("calls"))), every=5),
        Chore("link anew what was counted long ago", rebuild, every=_REBUILD_SECONDS),
        Chore("index the lists", lambda: keep_index(Actor.system("matching")), every=5),
        Chore("say that it works", say, every=1),
        Chore("number the ledger", number_ledger, every=1),
    )
    gc.freeze()  # the collector need not look through the program itself again and again
    # Rows come and go by ten thousands: looking every 700 took a tenth of the time.
    gc.set_threshold(50_000, 20, 50)
    while not stop.is_set():
        if with_parent and os.getppid() != with_parent:
            break
        busy = deliveries.turn()
        for chore in others:
            chore.turn()
        if not busy:
            stop.wait(0.2)
        elif long_work() and little_left.turn():
            stop.wait(_GATHER_SECONDS)
    rebuild.end()
