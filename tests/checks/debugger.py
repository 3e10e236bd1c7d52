"""A server of its own, and grpcurl as the only way to it."""

import json
import socket
import subprocess
import sys
import time

LIMIT = 120


class Server:
    """A server on a free port. `log` is a file that gets its log as JSON; without one, warnings are shown."""

    def __init__(self, fermata, directory, *options, log=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        database = f"sqlite://{directory}/fermata.db?mode=rwc"
        command = [fermata, "serve", "--cloud", "simulated", "--listen", self.address, "--http-listen", "off", "--database-url", database]
        logging = ["--log", "info", "--log-format", "json"] if log else ["--log", "warn"]
        output = open(log, "wb") if log else None
        self.process = subprocess.Popen([*command, "--poll-interval", "200ms", *logging, *options], stdout=output, stderr=output)
        if output:
            output.close()

    def stop(self):
        self.process.terminate()
        self.process.wait(LIMIT)


class Grpcurl:
    """Calls methods, and keeps account of which ones answered."""

    def __init__(self, grpcurl, address, *options):
        self.command = [grpcurl, "-plaintext", *options]
        self.address = address
        self.called = set()

    def words(self, *words, limit, data=None):
        given = ["-d", json.dumps(data)] if data is not None else []
        return [*self.command, "-max-time", str(limit), *given, self.address, *words]

    def run(self, *words, limit=LIMIT, data=None):
        return subprocess.run(self.words(*words, limit=limit, data=data), capture_output=True, text=True)

    def lines(self, *words):
        result = self.run(*words)
        if result.returncode:
            sys.exit(f"grpcurl {' '.join(words)}: {result.stderr}")
        return result.stdout.split()

    def call(self, method, data=None):
        """A unary call that must succeed."""
        result = self.run(f"fermata.v1.{method}", data=data or {})
        if result.returncode:
            sys.exit(f"{method} {json.dumps(data)}\n{result.stdout}{result.stderr}")
        self.called.add(f"fermata.v1.{method.replace('/', '.')}")
        return json.loads(result.stdout or "{}")

    def messages(self, method, data=None):
        """The messages of a stream as they come; whoever has had enough leaves the loop, and the stream ends."""
        command = self.words(f"fermata.v1.{method}", limit=LIMIT, data=data or {})
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                # grpcurl writes a message over several lines; only the last one is a brace alone at the left.
                lines = []
                for line in process.stdout:
                    lines.append(line)
                    if line == "}\n" or line == "{}\n":
                        yield json.loads("".join(lines))
                        lines = []
                if process.wait():
                    sys.exit(f"{method} {json.dumps(data)}\n{process.stderr.read()}")
            finally:
                process.kill()
        self.called.add(f"fermata.v1.{method.replace('/', '.')}")

    def snapshot(self, method, data=None):
        """All parts of the snapshot that a stream begins with."""
        parts = []
        for message in self.messages(method, data):
            if "snapshot" not in message:
                sys.exit(f"{method} began with no snapshot: {json.dumps(message)}")
            parts.append(message["snapshot"])
            if parts[-1].get("last"):
                break
        self.called.add(f"fermata.v1.{method.replace('/', '.')}")
        return parts

    def refused(self, method, data, reason):
        """A call that must be refused, with details that grpcurl can show."""
        result = self.run(f"fermata.v1.{method}", data=data)
        if result.returncode == 0 or reason not in result.stderr:
            sys.exit(f"{method} should be refused with {reason}\n{result.stdout}{result.stderr}")

    def ready(self, server):
        """Waits for the health service to say SERVING."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and server.process.poll() is None:
            asked = self.run("grpc.health.v1.Health/Check", limit=5, data={"service": "fermata.v1.SessionService"})
            if '"SERVING"' in asked.stdout:
                return
            time.sleep(0.05)
        sys.exit("the server is not ready")
