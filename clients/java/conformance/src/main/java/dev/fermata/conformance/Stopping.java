package dev.fermata.conformance;

/** Has the program end in good order on SIGTERM, and with its own exit code. */
final class Stopping extends Thread {
  private final Thread main;
  private final Runnable stop;
  private volatile int code = 1;

  Stopping(Thread main, Runnable stop) {
    super("stopping");
    this.main = main;
    this.stop = stop;
  }

  void ended(int code) {
    this.code = code;
  }

  @Override
  public void run() {
    stop.run();
    try {
      main.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // After a signal Java would give a code of its own.
    Runtime.getRuntime().halt(code);
  }
}
