"""Tests of the runner: python3 -m unittest discover -s tests/command"""

import contextlib
import signal
import tempfile
import time
import unittest
from pathlib import Path

from runner import Context, Runner, Step

ENDLESS = ["bash", "-c", "echo $$ >pid; sleep 600 & wait"]


def running_in(group: int) -> list[str]:
    """The processes of a group that still run. One that has ended stays listed until its parent has asked how, and
    where the first process of a container asks for nobody, it stays for ever."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of) == group and state not in "ZX":
                found.append(stat.parent.name)
    return found


class RunnerTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.said: list[str] = []

    def runner(self, *steps: Step, cores: float = 2) -> Runner:
        return Runner(list(steps), Context(self.root, self.root, {"WORD": "told"}), cores, self.said.append)

    def trace(self, name: str, cores: float = 1, **more: object) -> Step:
        """A step that writes when it begins and when it ends, and lets others in between."""
        return Step(name, ["bash", "-c", f"echo +{name} >>trace; sleep 0.3; echo -{name} >>trace"], cores=cores, **more)

    def traced(self) -> list[str]:
        return (self.root / "trace").read_text().split()

    def test_what_is_needed_runs_before(self) -> None:
        runner = self.runner(self.trace("b", needs=("a",)), self.trace("a"))
        self.assertTrue(runner.run())
        self.assertEqual(self.traced(), ["+a", "-a", "+b", "-b"])

    def test_free_cores_are_used_and_no_more(self) -> None:
        self.assertTrue(self.runner(self.trace("a"), self.trace("b")).run())
        self.assertEqual(sorted(self.traced()[:2]), ["+a", "+b"])
        (self.root / "trace").unlink()
        self.assertTrue(self.runner(self.trace("c", 1.5), self.trace("d", 1.5)).run())
        self.assertEqual(self.traced(), ["+c", "-c", "+d", "-d"])

    def test_one_that_needs_more_than_there_is_runs_alone(self) -> None:
        self.assertTrue(self.runner(self.trace("a", 8)).run())

    def test_alone_is_alone(self) -> None:
        self.assertTrue(self.runner(self.trace("a", 0.1, alone=("lab",)), self.trace("b", 0.1, alone=("lab",))).run())
        self.assertEqual(self.traced(), ["+a", "-a", "+b", "-b"])

    def test_a_failure_ends_everything(self) -> None:
        fails = Step("fails", ["bash", "-c", "until [ -s pid ]; do sleep 0.05; done; echo why; exit 3"], cores=0.1)
        runner = self.runner(Step("endless", ENDLESS), fails, self.trace("later", needs=("fails",)))
        self.assertFalse(runner.run())
        runner.report()
        self.assertIn("why", "\n".join(self.said))
        self.assertIn("ended with 3", self.said[-1])
        self.assertFalse((self.root / "trace").exists())
        group = int((self.root / "pid").read_text())
        limit = time.monotonic() + 60
        while time.monotonic() < limit and running_in(group):
            time.sleep(0.02)
        self.assertEqual(running_in(group), [])

    def test_what_does_not_need_what_failed_is_run_if_wanted(self) -> None:
        steps = [Step("bad", ["false"]), self.trace("a", needs=("bad",)), self.trace("b", needs=("a",)), self.trace("c")]
        runner = self.runner(*steps)
        runner.keep_going = True
        self.assertFalse(runner.run())
        self.assertEqual(self.traced(), ["+c", "-c"])
        self.assertEqual([name for name, _ in runner.failed], ["bad", "a", "b"])
        runner.report()
        self.assertIn("=== FAILED: b: not run, because of: a", "\n".join(self.said))

    def test_what_was_under_way_when_it_is_interrupted_is_named(self) -> None:
        # Whoever starts this in the background of a script has told it to ignore the signal.
        self.addCleanup(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.default_int_handler))
        interrupts = ["bash", "-c", "until [ -s pid ]; do sleep 0.05; done; kill -INT $PPID; sleep 600"]
        runner = self.runner(Step("endless", ENDLESS), Step("interrupts", interrupts, cores=0.1))
        with self.assertRaises(KeyboardInterrupt):
            runner.run()
        runner.interrupt("interrupted")
        runner.report()
        for name in ("endless", "interrupts"):
            self.assertIn(f"FAILED: {name}: interrupted after", "\n".join(self.said))

    def test_a_step_that_hangs_fails(self) -> None:
        runner = self.runner(Step("endless", ENDLESS, limit=1))
        self.assertFalse(runner.run())
        self.assertEqual(runner.failed, [("endless", "not done after 1 s")])

    def test_a_function_may_do_the_work_or_name_it(self) -> None:
        def tells(context: Context) -> None:
            context.environment["MORE"] = "and more"

        named = Step("named", lambda _: ["bash", "-c", 'test "$WORD $MORE" = "told and more"'], needs=("tells",))
        self.assertTrue(self.runner(Step("tells", tells), named).run())

    def test_a_function_that_raises_has_failed(self) -> None:
        def raises(_: Context) -> None:
            raise RuntimeError("no database")

        runner = self.runner(Step("raises", raises))
        self.assertFalse(runner.run())
        self.assertEqual(runner.failed, [("raises", "no database")])

    def test_wrong_declarations_are_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "needs nothing, which is no step"):
            self.runner(self.trace("a", needs=("nothing",)))
        with self.assertRaisesRegex(ValueError, "wait for each other: a, b"):
            self.runner(self.trace("a", needs=("b",)), self.trace("b", needs=("a",))).run()


if __name__ == "__main__":
    unittest.main()
