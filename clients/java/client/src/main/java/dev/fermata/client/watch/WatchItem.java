package dev.fermata.client.watch;

import dev.fermata.client.FermataException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a watch says.
 *
 * @param <S> the snapshot
 * @param <E> the event
 */
public sealed interface WatchItem<S, E> {
  /**
   * The server has opened the stream: what is known is current, as soon as what follows has been read. It comes before everything
   * else, and once after each interruption that is over, also where nothing happens then for a long time.
   *
   * @param <S> the snapshot
   * @param <E> the event
   */
  record Connected<S, E>() implements WatchItem<S, E> {}

  /**
   * The state as it stands. It replaces everything that was known: the watch began, or what happened in between is no longer
   * kept.
   *
   * @param <S> the snapshot
   * @param <E> the event
   * @param snapshot the state, put together from all its parts
   * @param position where it stands
   */
  record Snapshot<S, E>(S snapshot, Position position) implements WatchItem<S, E> {}

  /**
   * Something happened. Each event comes once, in order.
   *
   * @param <S> the snapshot
   * @param <E> the event
   * @param event what happened
   * @param position where it stands
   */
  record Event<S, E>(E event, Position position) implements WatchItem<S, E> {}

  /**
   * The stream was cut; the watch mends it.
   *
   * @param <S> the snapshot
   * @param <E> the event
   * @param cause what happened
   * @param error the error, where there was one
   * @param retryIn when it is opened again, from now
   */
  record Interrupted<S, E>(Interruption cause, Optional<FermataException> error, Duration retryIn)
      implements WatchItem<S, E> {}
}
