package dev.fermata.client.internal;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** Times of Java and of protobuf. */
public final class Times {
  private Times() {}

  /**
   * A span.
   *
   * @param duration as sent
   * @return the same
   */
  public static Duration duration(com.google.protobuf.Duration duration) {
    return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }

  /**
   * A span.
   *
   * @param duration of Java
   * @return the same
   */
  public static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(duration.getSeconds()).setNanos(duration.getNano()).build();
  }

  /**
   * A moment.
   *
   * @param time as sent
   * @return the same
   */
  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /**
   * A moment.
   *
   * @param time of Java
   * @return the same
   */
  public static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }
}
