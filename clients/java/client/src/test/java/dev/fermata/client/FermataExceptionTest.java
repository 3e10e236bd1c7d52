package dev.fermata.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RetryInfo;
import dev.fermata.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FermataExceptionTest {
  private static FermataException error(ErrorInfo info) {
    var status = com.google.rpc.Status.newBuilder().setCode(Status.Code.ABORTED.value()).addDetails(Any.pack(info));
    return FermataException.of(StatusProto.toStatusException(status.build()));
  }

  @Test
  void readsEverythingAServerAttaches() {
    var field = BadRequest.FieldViolation.newBuilder().setField("spec.reason").setDescription("must not be empty");
    var condition =
        PreconditionFailure.Violation.newBuilder().setType("STATE").setSubject("compute-1").setDescription("is DRAINING");
    var info =
        ErrorInfo.newBuilder().setDomain("fermata.dev").setReason("PLAN_REVISION_STALE").putMetadata("plan_revision", "7");
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.ABORTED.value())
            .setMessage("an older plan")
            .addDetails(Any.pack(info.build()))
            .addDetails(Any.pack(BadRequest.newBuilder().addFieldViolations(field).build()))
            .addDetails(Any.pack(PreconditionFailure.newBuilder().addViolations(condition).build()))
            .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(3)).build()));
    var error = FermataException.of(StatusProto.toStatusException(status.build()));
    assertEquals(Status.Code.ABORTED, error.code());
    assertEquals(ErrorReason.ERROR_REASON_PLAN_REVISION_STALE, error.reason());
    assertEquals("PLAN_REVISION_STALE", error.name());
    assertEquals(Map.of("plan_revision", "7"), error.metadata());
    assertEquals(
        List.of(
            new Violation("", "spec.reason", "must not be empty"), new Violation("STATE", "compute-1", "is DRAINING")),
        error.violations());
    assertEquals(Optional.of(java.time.Duration.ofSeconds(3)), error.retryAfter());
    assertTrue(error.getMessage().contains("an older plan"), error.getMessage());
    assertTrue(error.getMessage().contains("spec.reason: must not be empty"), error.getMessage());
    assertSame(error, FermataException.of(error));
  }

  @Test
  void keepsTheNameOfAReasonThatItDoesNotKnow() {
    var error = error(ErrorInfo.newBuilder().setDomain("fermata.dev").setReason("FROM_THE_FUTURE").build());
    assertEquals(ErrorReason.ERROR_REASON_UNSPECIFIED, error.reason());
    assertEquals("FROM_THE_FUTURE", error.name());
  }

  @Test
  void aReasonOfAnotherDomainIsNotOurs() {
    var error = error(ErrorInfo.newBuilder().setDomain("proxy.example").setReason("WRONG_STATE").build());
    assertEquals("ABORTED", error.name());
  }

  @Test
  void aBareStatusHasNoDetails() {
    var error = FermataException.of(Status.NOT_FOUND.withDescription("no").asException());
    assertEquals("NOT_FOUND: no", error.getMessage());
    assertEquals(List.of(), error.violations());
    assertEquals(Optional.empty(), error.retryAfter());
  }
}
