"""Runs steps side by side: each as soon as what it needs is done and cores are free, the earlier in the list first.

A step's output is kept in a file and printed when it ends, so that steps do not talk at once; of a step that failed the
end is printed last. The first failure ends the command, and with it all that it started.
"""

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Command = list[str] | Callable[["Context"], list[str] | None]


@dataclass
class Context:
    """What steps are told of each other and of the machine."""

    root: Path
    cache: Path
    environment: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    # Names of steps that cannot run on this machine.
    left_out: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> str:
        return self.values[name]


@dataclass
class Step:
    """One thing that has to pass."""

    name: str
    # What runs, or a function that says what runs; a function that returns None did it itself.
    command: Command
    # Names of steps that have to pass before.
    needs: tuple[str, ...] = ()
    # How many cores it keeps busy; a step that mostly waits takes a fraction.
    cores: float = 1
    # What only one step at a time may use: the lab, cargo's folder.
    alone: tuple[str, ...] = ()
    # Variables on top of the context's.
    variables: dict[str, str] = field(default_factory=dict)
    # Seconds after which it hangs.
    limit: int = 1800
    # `all`, `quick`, `nightly`: in which runs.
    modes: tuple[str, ...] = ("all", "quick", "nightly")


@dataclass
class Running:
    """A step under way."""

    step: Step
    began: float
    process: subprocess.Popen[bytes] | None = None
    fault: str = ""
    # Seconds of processors.
    used: float = 0
    done: threading.Event = field(default_factory=threading.Event)


class Runner:
    """Runs steps until all have passed or one has failed."""

    def __init__(self, steps: list[Step], context: Context, cores: float, say: Callable[[str], None], keep_going: bool = False) -> None:
        self.waiting = list(steps)
        # After a failure, what does not need the step that failed is run.
        self.keep_going = keep_going
        self.context = context
        self.cores = cores
        self.say = say
        self.running: list[Running] = []
        # Name, when it began, how long it took, how much processor time.
        self.passed: list[tuple[str, float, float, float]] = []
        self.failed: list[tuple[str, str]] = []
        self.began = time.monotonic()
        self.ended: queue.Queue[str] = queue.Queue()
        self.logs = context.cache / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        names = [step.name for step in steps]
        for step in steps:
            if missing := [need for need in step.needs if need not in names]:
                raise ValueError(f"step {step.name} needs {', '.join(missing)}, which is no step")
            self._log(step).unlink(missing_ok=True)

    def run(self) -> bool:
        while (self.waiting or self.running) and (self.keep_going or not self.failed):
            self._leave_out()
            self._start_what_can()
            if not self.waiting and not self.running:
                break
            if not self.running:
                blocked = ", ".join(step.name for step in self.waiting)
                raise ValueError(f"these steps wait for each other: {blocked}")
            self.ended.get()
            self._collect()
        self.end()
        return not self.failed

    def interrupt(self, why: str) -> None:
        """Ends all of it; what was under way has not passed."""
        self.failed += [(running.step.name, f"{why} after {time.monotonic() - running.began:.0f} s") for running in self.running]
        self.end()

    def end(self) -> None:
        """Ends what runs, with all that it started."""
        processes = [(running, running.process) for running in self.running if running.process]
        for _, process in processes:
            _signal(process, signal.SIGTERM)
        limit = time.monotonic() + 20
        for running, process in processes:
            running.done.wait(max(0, limit - time.monotonic()))
            _signal(process, signal.SIGKILL)

    def _leave_out(self) -> None:
        """What needs a step that has failed, or one that is left out itself."""
        gone = {name for name, _ in self.failed}
        for step in list(self.waiting):
            if missing := gone.intersection(step.needs):
                self.waiting.remove(step)
                self.failed.append((step.name, f"not run, because of: {', '.join(sorted(missing))}"))
                gone.add(step.name)

    def _start_what_can(self) -> None:
        done = {name for name, *_ in self.passed}
        for step in list(self.waiting):
            used = sum(running.step.cores for running in self.running)
            taken = {name for running in self.running for name in running.step.alone}
            free = used + step.cores <= self.cores or not self.running
            if free and done.issuperset(step.needs) and taken.isdisjoint(step.alone):
                self.waiting.remove(step)
                running = Running(step, time.monotonic())
                self.running.append(running)
                self.say(f"--- {self._clock()} {step.name} begins")
                threading.Thread(target=self._work, args=(running,), daemon=True).start()

    def _work(self, running: Running) -> None:
        """In a thread of its own."""
        step = running.step
        try:
            with self._log(step).open("wb") as log:
                command = step.command if isinstance(step.command, list) else step.command(self.context)
                if command:
                    self._execute(running, command, log)
        except Exception as error:  # noqa: BLE001: whatever it is, the step has failed
            running.fault = str(error) or repr(error)
        running.done.set()
        self.ended.put(step.name)

    def _execute(self, running: Running, command: list[str], log) -> None:
        step = running.step
        running.process = subprocess.Popen(
            command,
            cwd=self.context.root,
            env=os.environ | self.context.environment | step.variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        process = running.process

        def too_long() -> None:
            running.fault = f"not done after {step.limit} s"
            _signal(process, signal.SIGTERM)

        timer = threading.Timer(step.limit, too_long)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        running.used = usage.ru_utime + usage.ru_stime
        if process.returncode and not running.fault:
            running.fault = f"{' '.join(command)} ended with {process.returncode}"

    def _collect(self) -> None:
        for running in [running for running in self.running if running.done.is_set()]:
            self.running.remove(running)
            step, took = running.step, time.monotonic() - running.began
            if running.fault:
                self.failed.append((step.name, running.fault))
                continue
            self.passed.append((step.name, running.began - self.began, took, running.used))
            text = self._log(step).read_text(errors="replace").rstrip()
            self.say(f"\n=== {step.name}" + (f"\n{_middle_cut(text)}" if text else ""))
            self.say(f"=== {step.name}: ok, {took:.0f} s\n")

    def report(self) -> None:
        """A table of times; what failed, with the end of its output."""
        self.say("\n    from     took  processors  step")
        for name, began, took, used in sorted(self.passed, key=lambda entry: entry[1]):
            self.say(f"{began:6.0f} s {took:6.0f} s    {used:6.0f} s  {name}")
        self.say(f"all of it in {time.monotonic() - self.began:.0f} s")
        for name, fault in self.failed:
            log = self._log_named(name)
            text = log.read_text(errors="replace").rstrip().splitlines() if log.exists() else []
            self.say(f"\n=== FAILED: {name}: {fault}")
            self.say("\n".join(text[-150:]))
            self.say(f"=== FAILED: {name}: {fault} (all of its output: {self._log_named(name)})")

    def _log(self, step: Step) -> Path:
        return self._log_named(step.name)

    def _log_named(self, name: str) -> Path:
        return self.logs / f"{''.join(c if c.isalnum() else '-' for c in name)}.log"

    def _clock(self) -> str:
        return f"{time.monotonic() - self.began:5.0f} s"


def _middle_cut(text: str, most: int = 400) -> str:
    """A long output keeps its beginning and its end."""
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    left_out = [f"… {len(lines) - most} lines left out …"]
    return "\n".join(lines[: most // 4] + left_out + lines[-(most - most // 4) :])


def _signal(process: subprocess.Popen[bytes], which: signal.Signals) -> None:
    """To the step and all that it started in its group."""
    try:
        os.killpg(process.pid, which)
    except ProcessLookupError:
        pass


def say(text: str) -> None:
    """To whoever ran the command."""
    print(text, flush=True)
