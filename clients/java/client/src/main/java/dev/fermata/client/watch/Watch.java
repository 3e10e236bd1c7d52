package dev.fermata.client.watch;

import com.google.protobuf.Message;
import dev.fermata.client.Fermata;
import dev.fermata.client.FermataException;
import dev.fermata.v1.HostEvent;
import dev.fermata.v1.HostsSnapshot;
import dev.fermata.v1.OwnerEvent;
import dev.fermata.v1.OwnerSnapshot;
import dev.fermata.v1.SessionEvent;
import dev.fermata.v1.SessionSnapshot;
import dev.fermata.v1.SubscribeRequest;
import dev.fermata.v1.WatchHostsRequest;
import dev.fermata.v1.WatchSessionRequest;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A stream that is resumed after whatever cuts it.
 *
 * <pre>{@code
 * try (var watch = fermata.watch(WatchSessionRequest.newBuilder().setSessionId(id).build())) {
 *   while (watch.hasNext()) {
 *     var item = watch.next();
 *     if (item instanceof WatchItem.Event<SessionSnapshot, SessionEvent> event) {
 *       System.out.println(event.event());
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>{@link #hasNext} and {@link #next} wait for the next item, on a plain or a virtual thread; one thread at a time may call
 * them. They throw a {@link FermataException}, once, for an error that trying again cannot mend: a wrong field, a missing session,
 * missing rights, a foreign resume token. {@link #close} may be called by any thread: the watch then ends without an error. It also
 * ends if the waiting thread is interrupted, which stays interrupted, and if the connection is closed.
 *
 * <p>While nobody asks for items, the server is told to wait. One that waits too long cuts the stream, which is resumed.
 *
 * @param <S> the snapshot
 * @param <E> the event
 */
public final class Watch<S extends Message, E> implements Iterator<WatchItem<S, E>>, AutoCloseable {
  private final Reader<?, ?, S, E> reader;
  private WatchItem<S, E> ahead;

  private Watch(Reader<?, ?, S, E> reader) {
    this.reader = reader;
  }

  /**
   * Watches what concerns the owner of a project.
   *
   * @param fermata the connection
   * @param request the project, and where to begin
   * @param options how patient the watch is
   * @return the watch, which opens its stream when it is first asked for an item
   */
  public static Watch<OwnerSnapshot, OwnerEvent> open(Fermata fermata, SubscribeRequest request, WatchOptions options) {
    return new Watch<>(new Reader<>(fermata, StreamKind.OWNER, request, options));
  }

  /**
   * Watches a session.
   *
   * @param fermata the connection
   * @param request the session, and where to begin
   * @param options how patient the watch is
   * @return the watch, which opens its stream when it is first asked for an item
   */
  public static Watch<SessionSnapshot, SessionEvent> open(
      Fermata fermata, WatchSessionRequest request, WatchOptions options) {
    return new Watch<>(new Reader<>(fermata, StreamKind.SESSION, request, options));
  }

  /**
   * Watches all hosts.
   *
   * @param fermata the connection
   * @param request where to begin
   * @param options how patient the watch is
   * @return the watch, which opens its stream when it is first asked for an item
   */
  public static Watch<HostsSnapshot, HostEvent> open(Fermata fermata, WatchHostsRequest request, WatchOptions options) {
    return new Watch<>(new Reader<>(fermata, StreamKind.HOSTS, request, options));
  }

  /**
   * Waits for the next item.
   *
   * @return false if the watch has ended
   * @throws FermataException if trying again cannot mend it
   */
  @Override
  public boolean hasNext() {
    if (ahead == null) {
      ahead = reader.next();
    }
    return ahead != null;
  }

  /**
   * Waits for the next item.
   *
   * @return the item
   * @throws FermataException if trying again cannot mend it
   * @throws NoSuchElementException if the watch has ended
   */
  @Override
  public WatchItem<S, E> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the watch has ended");
    }
    var item = ahead;
    ahead = null;
    return item;
  }

  /** Ends the watch. Whoever waits for an item is told that there is none. */
  @Override
  public void close() {
    reader.close();
  }
}
