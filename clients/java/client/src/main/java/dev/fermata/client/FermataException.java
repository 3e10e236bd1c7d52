package dev.fermata.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import dev.fermata.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An error that Fermata, or the connection to it, gave: the status code, and the details that the server attached.
 *
 * <p>Stubs throw {@link io.grpc.StatusException}; {@link #of} makes one of these of it, and {@link Fermata#call} does so for a
 * whole call.
 */
public final class FermataException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String DOMAIN = "fermata.dev";

  /** The status code. */
  private final Status.Code code;

  /** The reason; unspecified for none, and for one that is not known here. */
  private final ErrorReason reason;

  /** The reason as it was sent; empty for none. */
  private final String reasonName;

  private final transient Map<String, String> metadata;
  private final transient List<Violation> violations;

  /** How long to wait before the next try; null: not said. */
  private final Duration retryAfter;

  private FermataException(Status status, Details details, Throwable cause) {
    super(message(status, details), cause);
    code = status.getCode();
    reasonName = details.reason;
    reason = known(details.reason);
    metadata = Map.copyOf(details.metadata);
    violations = List.copyOf(details.violations);
    retryAfter = details.retryAfter;
  }

  /**
   * Reads an error of a call.
   *
   * @param error what a stub threw; also another exception, whose cause may be an error of a call
   * @return {@code error} itself if it is a {@code FermataException}, else what it says; code UNKNOWN if it is no error of a call
   */
  public static FermataException of(Throwable error) {
    if (error instanceof FermataException already) {
      return already;
    }
    var sent = StatusProto.fromThrowable(error);
    var details = new Details();
    if (sent != null) {
      sent.getDetailsList().forEach(details::read);
    }
    return new FermataException(Status.fromThrowable(error), details, error);
  }

  /**
   * Makes an error that the client itself found.
   *
   * @param status its code and description
   * @return the error, without details
   */
  public static FermataException of(Status status) {
    return new FermataException(status, new Details(), status.getCause());
  }

  /**
   * The status code.
   *
   * @return never OK
   */
  public Status.Code code() {
    return code;
  }

  /**
   * The reason, for programs.
   *
   * @return {@code ERROR_REASON_UNSPECIFIED} if there is none, and for one that this version does not know
   */
  public ErrorReason reason() {
    return reason;
  }

  /**
   * The reason as the server sent it, for example {@code WRONG_STATE}.
   *
   * @return empty if there is none
   */
  public String reasonName() {
    return reasonName;
  }

  /**
   * The shortest name of this error: its reason, or else its code.
   *
   * @return for example {@code REPLY_LATE} or {@code UNAVAILABLE}
   */
  public String name() {
    return reasonName.isEmpty() ? code.name() : reasonName;
  }

  /**
   * Figures that go with the reason; the comment of each value of {@link ErrorReason} lists its keys.
   *
   * @return unmodifiable
   */
  public Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  /**
   * What was wrong: fields, or conditions. The server sends at most 20.
   *
   * @return unmodifiable
   */
  public List<Violation> violations() {
    return violations == null ? List.of() : violations;
  }

  /**
   * How long to wait before the call is tried again.
   *
   * @return empty if the server did not say
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /**
   * Whether this error has a reason.
   *
   * @param wanted the reason
   * @return whether it is this one
   */
  public boolean is(ErrorReason wanted) {
    return reason == wanted;
  }

  private static ErrorReason known(String name) {
    var value = ErrorReason.getDescriptor().findValueByName("ERROR_REASON_" + name);
    return value == null ? ErrorReason.ERROR_REASON_UNSPECIFIED : ErrorReason.valueOf(value);
  }

  private static String message(Status status, Details details) {
    var text = new StringBuilder(details.reason.isEmpty() ? status.getCode().name() : details.reason);
    if (status.getDescription() != null) {
      text.append(": ").append(status.getDescription());
    }
    for (var violation : details.violations) {
      text.append("\n  ").append(violation.subject()).append(": ").append(violation.description());
    }
    return text.toString();
  }

  /** What was attached; what cannot be decoded counts as absent. */
  private static final class Details {
    private String reason = "";
    private Map<String, String> metadata = Map.of();
    private final List<Violation> violations = new ArrayList<>();
    private Duration retryAfter;

    private void read(Any detail) {
      try {
        if (detail.is(ErrorInfo.class)) {
          var info = detail.unpack(ErrorInfo.class);
          // A reason of a proxy's is not ours.
          if (info.getDomain().equals(DOMAIN)) {
            reason = info.getReason();
            metadata = info.getMetadataMap();
          }
        } else if (detail.is(BadRequest.class)) {
          for (var field : detail.unpack(BadRequest.class).getFieldViolationsList()) {
            violations.add(new Violation("", field.getField(), field.getDescription()));
          }
        } else if (detail.is(PreconditionFailure.class)) {
          for (var condition : detail.unpack(PreconditionFailure.class).getViolationsList()) {
            violations.add(new Violation(condition.getType(), condition.getSubject(), condition.getDescription()));
          }
        } else if (detail.is(RetryInfo.class)) {
          var delay = detail.unpack(RetryInfo.class).getRetryDelay();
          retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      } catch (InvalidProtocolBufferException notDecodable) {
        // The code and the message still say what happened.
      }
    }
  }
}
