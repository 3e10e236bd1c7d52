package dev.fermata.client.owner;

import dev.fermata.client.FermataException;
import dev.fermata.v1.Notification;
import dev.fermata.v1.Warning;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** Tells handler and listener; what they throw is logged, and stops nothing. */
record Hooks(OwnerHandler handler, OwnerListener listener) {
  static final System.Logger LOG = System.getLogger("dev.fermata.client.owner");

  void listener(Consumer<OwnerListener> told) {
    guarded(() -> told.accept(listener));
  }

  void error(Exception error) {
    guarded(() -> handler.onError(error));
  }

  void warning(Warning warning) {
    LOG.log(Level.WARNING, "{0}: {1}", warning.getField(), warning.getMessage());
    guarded(() -> handler.onWarning(warning));
  }

  void refused(Notification asked, FermataException error) {
    guarded(() -> handler.onReplyRefused(asked, error));
  }

  private static void guarded(Runnable hook) {
    try {
      hook.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a hook of the owner failed", e);
    }
  }
}
