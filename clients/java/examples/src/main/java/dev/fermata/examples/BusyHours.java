package dev.fermata.examples;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Hours of each day in which nothing should be interrupted.
 *
 * @param clock says the time, and in which zone the hours are
 * @param from the first busy moment of a day
 * @param until the first moment that is not busy any more; after {@code from}
 */
public record BusyHours(Clock clock, LocalTime from, LocalTime until) {
  /**
   * When the busy hours end.
   *
   * @return empty if it is not busy now
   */
  public Optional<Instant> end() {
    var now = ZonedDateTime.now(clock);
    var time = now.toLocalTime();
    if (time.isBefore(from) || !time.isBefore(until)) {
      return Optional.empty();
    }
    return Optional.of(now.with(until).toInstant());
  }
}
