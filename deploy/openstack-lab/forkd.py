"""Start Nova daemons of one kind from one interpreter: import Nova once, then fork for each of them.

usage: forkd.py MODULE (NAME CONF[,CONF...])...

Importing Nova takes seconds of CPU time and most of a daemon's memory; forked children share both.
Called by up.sh, which exports LAB.
"""

import gc
import importlib
import os
import sys
import time

LAB = os.environ["LAB"]


def lab_env(key):
    with open(f"{LAB}/lab.env") as f:
        for line in f:
            if line.startswith(f"export {key}="):
                return line.split("=", 1)[1].strip()
    raise KeyError(key)


def wait_for_conductor(seconds=60):
    """Return when the conductor reads its queue.

    A compute whose first call finds no conductor sleeps for 10 s before it tries again.
    """
    import amqp

    end = time.time() + seconds
    while time.time() < end:
        try:
            with amqp.Connection(lab_env("RABBIT")) as connection:
                queue = connection.channel().queue_declare("conductor", passive=True)
                if queue.consumer_count > 0:
                    return
        except (amqp.exceptions.AMQPError, OSError):
            pass
        time.sleep(0.1)
    sys.exit("the conductor does not read its queue")


def record(name, pid):
    with open(f"/proc/{pid}/stat") as f:
        born = f.read().rpartition(") ")[2].split()[19]
    with open(f"{LAB}/run/{name}.born", "w") as f:
        f.write(born + "\n")
    with open(f"{LAB}/run/{name}.pid", "w") as f:
        f.write(f"{pid}\n")


def become(name, kind, main, confs):
    os.setsid()
    log = os.open(f"{LAB}/log/{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = [f"nova-{kind}"]
    for conf in confs.split(","):
        sys.argv += ["--config-file", conf]
    try:
        sys.exit(main())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def start(module, jobs):
    kind = module.rsplit(".", 1)[-1]
    # Some of Nova looks at the program's name while it is imported.
    sys.argv = [kind]
    main = importlib.import_module(module).main
    if kind == "compute":
        for extra in ("nova.compute.manager", "nova.virt.fake"):
            importlib.import_module(extra)
        wait_for_conductor()
    # Keeps the garbage collector of the children from touching, and so copying, the pages they share.
    gc.collect()
    gc.freeze()
    for name, confs in jobs:
        pid = os.fork()
        if pid == 0:
            become(name, kind, main, confs)
        record(name, pid)


if __name__ == "__main__":
    start(sys.argv[1], list(zip(sys.argv[2::2], sys.argv[3::2])))
