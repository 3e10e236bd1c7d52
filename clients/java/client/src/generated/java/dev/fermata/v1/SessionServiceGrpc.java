package dev.fermata.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Maintenance sessions, for operators and NFVOs.
 * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
 * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
 * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
 * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
 * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
 * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
 * `--request-retention` sets (7 days).
 * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
 * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
 * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
 * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
 * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
 * UNAVAILABLE (STORE_UNAVAILABLE).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SessionServiceGrpc {

  private SessionServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "fermata.v1.SessionService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.CreateSessionRequest,
      dev.fermata.v1.CreateSessionResponse> getCreateSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSession",
      requestType = dev.fermata.v1.CreateSessionRequest.class,
      responseType = dev.fermata.v1.CreateSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.CreateSessionRequest,
      dev.fermata.v1.CreateSessionResponse> getCreateSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.CreateSessionRequest, dev.fermata.v1.CreateSessionResponse> getCreateSessionMethod;
    if ((getCreateSessionMethod = SessionServiceGrpc.getCreateSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getCreateSessionMethod = SessionServiceGrpc.getCreateSessionMethod) == null) {
          SessionServiceGrpc.getCreateSessionMethod = getCreateSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.CreateSessionRequest, dev.fermata.v1.CreateSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.CreateSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.CreateSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("CreateSession"))
              .build();
        }
      }
    }
    return getCreateSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.PreviewSessionRequest,
      dev.fermata.v1.PreviewSessionResponse> getPreviewSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PreviewSession",
      requestType = dev.fermata.v1.PreviewSessionRequest.class,
      responseType = dev.fermata.v1.PreviewSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.PreviewSessionRequest,
      dev.fermata.v1.PreviewSessionResponse> getPreviewSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.PreviewSessionRequest, dev.fermata.v1.PreviewSessionResponse> getPreviewSessionMethod;
    if ((getPreviewSessionMethod = SessionServiceGrpc.getPreviewSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getPreviewSessionMethod = SessionServiceGrpc.getPreviewSessionMethod) == null) {
          SessionServiceGrpc.getPreviewSessionMethod = getPreviewSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.PreviewSessionRequest, dev.fermata.v1.PreviewSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PreviewSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PreviewSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PreviewSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("PreviewSession"))
              .build();
        }
      }
    }
    return getPreviewSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetSessionRequest,
      dev.fermata.v1.GetSessionResponse> getGetSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSession",
      requestType = dev.fermata.v1.GetSessionRequest.class,
      responseType = dev.fermata.v1.GetSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetSessionRequest,
      dev.fermata.v1.GetSessionResponse> getGetSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetSessionRequest, dev.fermata.v1.GetSessionResponse> getGetSessionMethod;
    if ((getGetSessionMethod = SessionServiceGrpc.getGetSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getGetSessionMethod = SessionServiceGrpc.getGetSessionMethod) == null) {
          SessionServiceGrpc.getGetSessionMethod = getGetSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetSessionRequest, dev.fermata.v1.GetSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("GetSession"))
              .build();
        }
      }
    }
    return getGetSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionsRequest,
      dev.fermata.v1.ListSessionsResponse> getListSessionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSessions",
      requestType = dev.fermata.v1.ListSessionsRequest.class,
      responseType = dev.fermata.v1.ListSessionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionsRequest,
      dev.fermata.v1.ListSessionsResponse> getListSessionsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionsRequest, dev.fermata.v1.ListSessionsResponse> getListSessionsMethod;
    if ((getListSessionsMethod = SessionServiceGrpc.getListSessionsMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getListSessionsMethod = SessionServiceGrpc.getListSessionsMethod) == null) {
          SessionServiceGrpc.getListSessionsMethod = getListSessionsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListSessionsRequest, dev.fermata.v1.ListSessionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSessions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("ListSessions"))
              .build();
        }
      }
    }
    return getListSessionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.UpdateSessionRequest,
      dev.fermata.v1.UpdateSessionResponse> getUpdateSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSession",
      requestType = dev.fermata.v1.UpdateSessionRequest.class,
      responseType = dev.fermata.v1.UpdateSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.UpdateSessionRequest,
      dev.fermata.v1.UpdateSessionResponse> getUpdateSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.UpdateSessionRequest, dev.fermata.v1.UpdateSessionResponse> getUpdateSessionMethod;
    if ((getUpdateSessionMethod = SessionServiceGrpc.getUpdateSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getUpdateSessionMethod = SessionServiceGrpc.getUpdateSessionMethod) == null) {
          SessionServiceGrpc.getUpdateSessionMethod = getUpdateSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.UpdateSessionRequest, dev.fermata.v1.UpdateSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.UpdateSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.UpdateSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("UpdateSession"))
              .build();
        }
      }
    }
    return getUpdateSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.DeleteSessionRequest,
      dev.fermata.v1.DeleteSessionResponse> getDeleteSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSession",
      requestType = dev.fermata.v1.DeleteSessionRequest.class,
      responseType = dev.fermata.v1.DeleteSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.DeleteSessionRequest,
      dev.fermata.v1.DeleteSessionResponse> getDeleteSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.DeleteSessionRequest, dev.fermata.v1.DeleteSessionResponse> getDeleteSessionMethod;
    if ((getDeleteSessionMethod = SessionServiceGrpc.getDeleteSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getDeleteSessionMethod = SessionServiceGrpc.getDeleteSessionMethod) == null) {
          SessionServiceGrpc.getDeleteSessionMethod = getDeleteSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.DeleteSessionRequest, dev.fermata.v1.DeleteSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("DeleteSession"))
              .build();
        }
      }
    }
    return getDeleteSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.StartSessionRequest,
      dev.fermata.v1.StartSessionResponse> getStartSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartSession",
      requestType = dev.fermata.v1.StartSessionRequest.class,
      responseType = dev.fermata.v1.StartSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.StartSessionRequest,
      dev.fermata.v1.StartSessionResponse> getStartSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.StartSessionRequest, dev.fermata.v1.StartSessionResponse> getStartSessionMethod;
    if ((getStartSessionMethod = SessionServiceGrpc.getStartSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getStartSessionMethod = SessionServiceGrpc.getStartSessionMethod) == null) {
          SessionServiceGrpc.getStartSessionMethod = getStartSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.StartSessionRequest, dev.fermata.v1.StartSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.StartSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.StartSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("StartSession"))
              .build();
        }
      }
    }
    return getStartSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.PauseSessionRequest,
      dev.fermata.v1.PauseSessionResponse> getPauseSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PauseSession",
      requestType = dev.fermata.v1.PauseSessionRequest.class,
      responseType = dev.fermata.v1.PauseSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.PauseSessionRequest,
      dev.fermata.v1.PauseSessionResponse> getPauseSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.PauseSessionRequest, dev.fermata.v1.PauseSessionResponse> getPauseSessionMethod;
    if ((getPauseSessionMethod = SessionServiceGrpc.getPauseSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getPauseSessionMethod = SessionServiceGrpc.getPauseSessionMethod) == null) {
          SessionServiceGrpc.getPauseSessionMethod = getPauseSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.PauseSessionRequest, dev.fermata.v1.PauseSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PauseSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PauseSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PauseSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("PauseSession"))
              .build();
        }
      }
    }
    return getPauseSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ResumeSessionRequest,
      dev.fermata.v1.ResumeSessionResponse> getResumeSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResumeSession",
      requestType = dev.fermata.v1.ResumeSessionRequest.class,
      responseType = dev.fermata.v1.ResumeSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ResumeSessionRequest,
      dev.fermata.v1.ResumeSessionResponse> getResumeSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ResumeSessionRequest, dev.fermata.v1.ResumeSessionResponse> getResumeSessionMethod;
    if ((getResumeSessionMethod = SessionServiceGrpc.getResumeSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getResumeSessionMethod = SessionServiceGrpc.getResumeSessionMethod) == null) {
          SessionServiceGrpc.getResumeSessionMethod = getResumeSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ResumeSessionRequest, dev.fermata.v1.ResumeSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResumeSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ResumeSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ResumeSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("ResumeSession"))
              .build();
        }
      }
    }
    return getResumeSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.CancelSessionRequest,
      dev.fermata.v1.CancelSessionResponse> getCancelSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelSession",
      requestType = dev.fermata.v1.CancelSessionRequest.class,
      responseType = dev.fermata.v1.CancelSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.CancelSessionRequest,
      dev.fermata.v1.CancelSessionResponse> getCancelSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.CancelSessionRequest, dev.fermata.v1.CancelSessionResponse> getCancelSessionMethod;
    if ((getCancelSessionMethod = SessionServiceGrpc.getCancelSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getCancelSessionMethod = SessionServiceGrpc.getCancelSessionMethod) == null) {
          SessionServiceGrpc.getCancelSessionMethod = getCancelSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.CancelSessionRequest, dev.fermata.v1.CancelSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.CancelSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.CancelSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("CancelSession"))
              .build();
        }
      }
    }
    return getCancelSessionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.CompleteHostRequest,
      dev.fermata.v1.CompleteHostResponse> getCompleteHostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CompleteHost",
      requestType = dev.fermata.v1.CompleteHostRequest.class,
      responseType = dev.fermata.v1.CompleteHostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.CompleteHostRequest,
      dev.fermata.v1.CompleteHostResponse> getCompleteHostMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.CompleteHostRequest, dev.fermata.v1.CompleteHostResponse> getCompleteHostMethod;
    if ((getCompleteHostMethod = SessionServiceGrpc.getCompleteHostMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getCompleteHostMethod = SessionServiceGrpc.getCompleteHostMethod) == null) {
          SessionServiceGrpc.getCompleteHostMethod = getCompleteHostMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.CompleteHostRequest, dev.fermata.v1.CompleteHostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CompleteHost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.CompleteHostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.CompleteHostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("CompleteHost"))
              .build();
        }
      }
    }
    return getCompleteHostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.FailHostRequest,
      dev.fermata.v1.FailHostResponse> getFailHostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "FailHost",
      requestType = dev.fermata.v1.FailHostRequest.class,
      responseType = dev.fermata.v1.FailHostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.FailHostRequest,
      dev.fermata.v1.FailHostResponse> getFailHostMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.FailHostRequest, dev.fermata.v1.FailHostResponse> getFailHostMethod;
    if ((getFailHostMethod = SessionServiceGrpc.getFailHostMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getFailHostMethod = SessionServiceGrpc.getFailHostMethod) == null) {
          SessionServiceGrpc.getFailHostMethod = getFailHostMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.FailHostRequest, dev.fermata.v1.FailHostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "FailHost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.FailHostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.FailHostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("FailHost"))
              .build();
        }
      }
    }
    return getFailHostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.SkipHostRequest,
      dev.fermata.v1.SkipHostResponse> getSkipHostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SkipHost",
      requestType = dev.fermata.v1.SkipHostRequest.class,
      responseType = dev.fermata.v1.SkipHostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.SkipHostRequest,
      dev.fermata.v1.SkipHostResponse> getSkipHostMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.SkipHostRequest, dev.fermata.v1.SkipHostResponse> getSkipHostMethod;
    if ((getSkipHostMethod = SessionServiceGrpc.getSkipHostMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getSkipHostMethod = SessionServiceGrpc.getSkipHostMethod) == null) {
          SessionServiceGrpc.getSkipHostMethod = getSkipHostMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.SkipHostRequest, dev.fermata.v1.SkipHostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SkipHost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.SkipHostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.SkipHostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("SkipHost"))
              .build();
        }
      }
    }
    return getSkipHostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.RetryHostRequest,
      dev.fermata.v1.RetryHostResponse> getRetryHostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RetryHost",
      requestType = dev.fermata.v1.RetryHostRequest.class,
      responseType = dev.fermata.v1.RetryHostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.RetryHostRequest,
      dev.fermata.v1.RetryHostResponse> getRetryHostMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.RetryHostRequest, dev.fermata.v1.RetryHostResponse> getRetryHostMethod;
    if ((getRetryHostMethod = SessionServiceGrpc.getRetryHostMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getRetryHostMethod = SessionServiceGrpc.getRetryHostMethod) == null) {
          SessionServiceGrpc.getRetryHostMethod = getRetryHostMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.RetryHostRequest, dev.fermata.v1.RetryHostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RetryHost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.RetryHostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.RetryHostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("RetryHost"))
              .build();
        }
      }
    }
    return getRetryHostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionHostsRequest,
      dev.fermata.v1.ListSessionHostsResponse> getListSessionHostsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSessionHosts",
      requestType = dev.fermata.v1.ListSessionHostsRequest.class,
      responseType = dev.fermata.v1.ListSessionHostsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionHostsRequest,
      dev.fermata.v1.ListSessionHostsResponse> getListSessionHostsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionHostsRequest, dev.fermata.v1.ListSessionHostsResponse> getListSessionHostsMethod;
    if ((getListSessionHostsMethod = SessionServiceGrpc.getListSessionHostsMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getListSessionHostsMethod = SessionServiceGrpc.getListSessionHostsMethod) == null) {
          SessionServiceGrpc.getListSessionHostsMethod = getListSessionHostsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListSessionHostsRequest, dev.fermata.v1.ListSessionHostsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSessionHosts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionHostsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionHostsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("ListSessionHosts"))
              .build();
        }
      }
    }
    return getListSessionHostsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionServersRequest,
      dev.fermata.v1.ListSessionServersResponse> getListSessionServersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSessionServers",
      requestType = dev.fermata.v1.ListSessionServersRequest.class,
      responseType = dev.fermata.v1.ListSessionServersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionServersRequest,
      dev.fermata.v1.ListSessionServersResponse> getListSessionServersMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionServersRequest, dev.fermata.v1.ListSessionServersResponse> getListSessionServersMethod;
    if ((getListSessionServersMethod = SessionServiceGrpc.getListSessionServersMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getListSessionServersMethod = SessionServiceGrpc.getListSessionServersMethod) == null) {
          SessionServiceGrpc.getListSessionServersMethod = getListSessionServersMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListSessionServersRequest, dev.fermata.v1.ListSessionServersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSessionServers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionServersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionServersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("ListSessionServers"))
              .build();
        }
      }
    }
    return getListSessionServersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionNotificationsRequest,
      dev.fermata.v1.ListSessionNotificationsResponse> getListSessionNotificationsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSessionNotifications",
      requestType = dev.fermata.v1.ListSessionNotificationsRequest.class,
      responseType = dev.fermata.v1.ListSessionNotificationsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionNotificationsRequest,
      dev.fermata.v1.ListSessionNotificationsResponse> getListSessionNotificationsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListSessionNotificationsRequest, dev.fermata.v1.ListSessionNotificationsResponse> getListSessionNotificationsMethod;
    if ((getListSessionNotificationsMethod = SessionServiceGrpc.getListSessionNotificationsMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getListSessionNotificationsMethod = SessionServiceGrpc.getListSessionNotificationsMethod) == null) {
          SessionServiceGrpc.getListSessionNotificationsMethod = getListSessionNotificationsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListSessionNotificationsRequest, dev.fermata.v1.ListSessionNotificationsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSessionNotifications"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionNotificationsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSessionNotificationsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("ListSessionNotifications"))
              .build();
        }
      }
    }
    return getListSessionNotificationsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetSessionReportRequest,
      dev.fermata.v1.GetSessionReportResponse> getGetSessionReportMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSessionReport",
      requestType = dev.fermata.v1.GetSessionReportRequest.class,
      responseType = dev.fermata.v1.GetSessionReportResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetSessionReportRequest,
      dev.fermata.v1.GetSessionReportResponse> getGetSessionReportMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetSessionReportRequest, dev.fermata.v1.GetSessionReportResponse> getGetSessionReportMethod;
    if ((getGetSessionReportMethod = SessionServiceGrpc.getGetSessionReportMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getGetSessionReportMethod = SessionServiceGrpc.getGetSessionReportMethod) == null) {
          SessionServiceGrpc.getGetSessionReportMethod = getGetSessionReportMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetSessionReportRequest, dev.fermata.v1.GetSessionReportResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSessionReport"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetSessionReportRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetSessionReportResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("GetSessionReport"))
              .build();
        }
      }
    }
    return getGetSessionReportMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.WatchSessionRequest,
      dev.fermata.v1.WatchSessionResponse> getWatchSessionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchSession",
      requestType = dev.fermata.v1.WatchSessionRequest.class,
      responseType = dev.fermata.v1.WatchSessionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.WatchSessionRequest,
      dev.fermata.v1.WatchSessionResponse> getWatchSessionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.WatchSessionRequest, dev.fermata.v1.WatchSessionResponse> getWatchSessionMethod;
    if ((getWatchSessionMethod = SessionServiceGrpc.getWatchSessionMethod) == null) {
      synchronized (SessionServiceGrpc.class) {
        if ((getWatchSessionMethod = SessionServiceGrpc.getWatchSessionMethod) == null) {
          SessionServiceGrpc.getWatchSessionMethod = getWatchSessionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.WatchSessionRequest, dev.fermata.v1.WatchSessionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchSession"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.WatchSessionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.WatchSessionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SessionServiceMethodDescriptorSupplier("WatchSession"))
              .build();
        }
      }
    }
    return getWatchSessionMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SessionServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SessionServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SessionServiceStub>() {
        @java.lang.Override
        public SessionServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SessionServiceStub(channel, callOptions);
        }
      };
    return SessionServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SessionServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SessionServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SessionServiceBlockingV2Stub>() {
        @java.lang.Override
        public SessionServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SessionServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SessionServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SessionServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SessionServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SessionServiceBlockingStub>() {
        @java.lang.Override
        public SessionServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SessionServiceBlockingStub(channel, callOptions);
        }
      };
    return SessionServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SessionServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SessionServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SessionServiceFutureStub>() {
        @java.lang.Override
        public SessionServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SessionServiceFutureStub(channel, callOptions);
        }
      };
    return SessionServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Maintenance sessions, for operators and NFVOs.
   * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates a session and announces it to every affected owner.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the hosts in a session and is refused.
     * Errors: INVALID_ARGUMENT (UNKNOWN_HOST) if the spec names hosts that the cloud does not have; INVALID_ARGUMENT
     * (WINDOW_INVALID) if the window is over, ends before it starts, or is too short for the lead times or for the reply
     * periods of the owners; FAILED_PRECONDITION
     * (HOST_IN_SESSION) if an active session has one of the hosts. One answer lists all violations. If they are of different
     * kinds, the reason is INVALID_FIELD. UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud does not answer.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"names": ["compute-1"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CreateSession
     * Callers: operators.
     * </pre>
     */
    default void createSession(dev.fermata.v1.CreateSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.CreateSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes the plan of a session without creating the session. The plan follows from the cloud and the policies as they are
     * now.
     * If there is no plan, the answer names the constraints that are in conflict and the changes that would help. That is not
     * an error. A session makes its own plan in the same way when it starts, and makes it again when something unexpected
     * happens. The answer comes in parts of at most 1 MiB. The stream ends after the last part; see Plan.
     * Changes nothing and notifies nobody, and may be repeated at will.
     * Errors: those of CreateSession, with one difference: if the lead times of policies are longer than the window, the
     * answer is a conflict. RESOURCE_EXHAUSTED (TOO_MANY_PREVIEWS) if two other previews are being made and the call has
     * waited 10 seconds for its turn.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"zones": ["zone-a"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PreviewSession
     * Callers: operators.
     * </pre>
     */
    default void previewSession(dev.fermata.v1.PreviewSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PreviewSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPreviewSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a session. It comes without its hosts and servers: ListSessionHosts and ListSessionServers list them.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/GetSession
     * Callers: operators, auditors.
     * </pre>
     */
    default void getSession(dev.fermata.v1.GetSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists sessions, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["SESSION_STATE_RUNNING"]}}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ListSessions
     * Callers: operators, auditors.
     * </pre>
     */
    default void listSessions(dev.fermata.v1.ListSessionsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSessionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes fields of the spec of a session that has not ended and is not being cancelled. While the session is SCHEDULED,
     * Fermata notifies and asks its owners again if the change concerns them. Later, the change applies to the drains that
     * begin after it.
     * May be repeated: the same values again change nothing. With an `etag`, a repetition also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (WINDOW_INVALID) if the new window
     * is over, ends before it starts, or is too short for the lead times or for the reply periods of the owners;
     * FAILED_PRECONDITION (WRONG_STATE) if the session is CANCELLING, CANCELLED or COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47",
     *     "spec": {"max_parallel_hosts": 2}, "update_mask": {"paths": ["max_parallel_hosts"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/UpdateSession
     * Callers: operators.
     * </pre>
     */
    default void updateSession(dev.fermata.v1.UpdateSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.UpdateSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a session that is COMPLETED or CANCELLED, together with its report.
     * With a `request_id` it may be repeated. Without one, a second call finds no session.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session has
     * not ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/DeleteSession
     * Callers: operators.
     * </pre>
     */
    default void deleteSession(dev.fermata.v1.DeleteSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Starts a SCHEDULED session now, inside its window. The session does not wait for the replies to the announcement.
     * Fermata still asks the owners before it drains each host.
     * May be repeated: nothing changes if the session is already about to start, or is RUNNING. With an `etag`, a repetition
     * also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the window has
     * not opened yet, or if the session is in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/StartSession
     * Callers: operators.
     * </pre>
     */
    default void startSession(dev.fermata.v1.StartSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.StartSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Pauses a RUNNING session. Nothing new starts. Actions that have begun are finished.
     * May be repeated: nothing changes if the session is already PAUSED. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "an incident in the network"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PauseSession
     * Callers: operators.
     * </pre>
     */
    default void pauseSession(dev.fermata.v1.PauseSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PauseSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPauseSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Resumes a PAUSED session. For a FAILED session, Fermata also tries the failed hosts again.
     * May be repeated: nothing changes if the session is already RUNNING. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ResumeSession
     * Callers: operators.
     * </pre>
     */
    default void resumeSession(dev.fermata.v1.ResumeSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ResumeSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResumeSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Cancels a session. Actions that have begun are finished, hosts are given back, and kept servers are started. A host that
     * is IN_MAINTENANCE stays held until CompleteHost or FailHost, and one that does not come back until FailHost or SkipHost.
     * May be repeated: nothing changes if the session is already CANCELLING or CANCELLED. With an `etag`, a repetition also
     * needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "the firmware is withdrawn"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CancelSession
     * Callers: operators.
     * </pre>
     */
    default void cancelSession(dev.fermata.v1.CancelSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.CancelSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelSessionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reports that the work on a host IN_MAINTENANCE is done. The host goes back to service, or is retired.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already MAINTAINED or
     * RETIRED, or is going back to service after the work; it is refused after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, if the session has ended, or if a host
     * that shall be retired is not empty or not disabled at the moment.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CompleteHost
     * Callers: operators.
     * </pre>
     */
    default void completeHost(dev.fermata.v1.CompleteHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.CompleteHostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCompleteHostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reports that a host failed. For a host that is IN_MAINTENANCE, the work failed: the host stays disabled and is left to
     * the operator. For a host that is DRAINING, Fermata gives up the drain and the host goes back to service. For a host that
     * is RETURNING and does not come back, Fermata stops trying: the host and the servers on it are left to the operator as they
     * are, and the host is MAINTENANCE_FAILED. That is allowed after `action_timeout`, and before if its compute service is down,
     * or if the cloud does not list it, does not show it or does not switch its scheduling.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already DRAIN_FAILED
     * or MAINTENANCE_FAILED; it is refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1", "reason": "a broken fan"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/FailHost
     * Callers: operators.
     * </pre>
     */
    default void failHost(dev.fermata.v1.FailHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.FailHostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getFailHostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Leaves a host out of the session. The host must be WAITING, DRAINING, DRAIN_FAILED or MAINTENANCE_FAILED, or must be
     * given back only because its drain was put off, or must be RETURNING and not come back (see FailHost): then the host and the
     * servers on it are left to the operator as they are.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already SKIPPED; it is
     * refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/SkipHost
     * Callers: operators.
     * </pre>
     */
    default void skipHost(dev.fermata.v1.SkipHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.SkipHostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSkipHostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tries a host again that failed or was skipped, or goes on with a drain that is held for the operator.
     * With a `request_id` it may be repeated. Without one, a second call is refused, because the host already waits or is
     * being drained.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; INVALID_ARGUMENT (INVALID_FIELD) if `override_owners` has no `reason`; FAILED_PRECONDITION (WRONG_STATE)
     * if the host is in another state, if the session has ended, or if a failed or skipped host is in a session that is
     * CANCELLING.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/RetryHost
     * Callers: operators.
     * </pre>
     */
    default void retryHost(dev.fermata.v1.RetryHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.RetryHostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRetryHostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the hosts of a session in the order of the plan: first the hosts that have begun, then the hosts that wait.
     * Changes nothing, and may be repeated at will. Each page shows the session at the time of the call. A host whose place in
     * the plan changes between two pages may be listed twice, or not at all. With order_by `host` that does not happen.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SESSION_HOST_STATE_WAITING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionHosts
     * Callers: operators, auditors.
     * </pre>
     */
    default void listSessionHosts(dev.fermata.v1.ListSessionHostsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionHostsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSessionHostsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the servers that a session affects or has affected, by host and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SERVER_STATE_FAILED"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionServers
     * Callers: operators, auditors.
     * </pre>
     */
    default void listSessionServers(dev.fermata.v1.ListSessionServersRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionServersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSessionServersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists what the owners were asked in a session, and what they replied: who accepted, objected, offered something else or
     * said nothing. By project, and then by the time of the question.
     * Changes nothing, and may be repeated at will. Questions stay listed after they are closed, until the session is deleted.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionNotifications
     * Callers: operators, auditors.
     * </pre>
     */
    default void listSessionNotifications(dev.fermata.v1.ListSessionNotificationsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionNotificationsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSessionNotificationsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reports what happened to every host and server, and what owners were asked and replied, page by page, during a session and
     * after its end.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "page_size": 100}' &#92;
     *   localhost:7400 fermata.v1.SessionService/GetSessionReport
     * Callers: operators, auditors.
     * </pre>
     */
    default void getSessionReport(dev.fermata.v1.GetSessionReportRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetSessionReportResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSessionReportMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the state of a session and then every event of it, until the client closes the stream.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session, or if it is deleted while the stream is open;
     * INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED)
     * for a token that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS, SLOW_READER). After
     * an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/WatchSession
     * Callers: operators, auditors.
     * </pre>
     */
    default void watchSession(dev.fermata.v1.WatchSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.WatchSessionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchSessionMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SessionService.
   * <pre>
   * Maintenance sessions, for operators and NFVOs.
   * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static abstract class SessionServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SessionServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SessionService.
   * <pre>
   * Maintenance sessions, for operators and NFVOs.
   * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class SessionServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SessionServiceStub> {
    private SessionServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SessionServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SessionServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a session and announces it to every affected owner.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the hosts in a session and is refused.
     * Errors: INVALID_ARGUMENT (UNKNOWN_HOST) if the spec names hosts that the cloud does not have; INVALID_ARGUMENT
     * (WINDOW_INVALID) if the window is over, ends before it starts, or is too short for the lead times or for the reply
     * periods of the owners; FAILED_PRECONDITION
     * (HOST_IN_SESSION) if an active session has one of the hosts. One answer lists all violations. If they are of different
     * kinds, the reason is INVALID_FIELD. UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud does not answer.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"names": ["compute-1"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CreateSession
     * Callers: operators.
     * </pre>
     */
    public void createSession(dev.fermata.v1.CreateSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.CreateSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes the plan of a session without creating the session. The plan follows from the cloud and the policies as they are
     * now.
     * If there is no plan, the answer names the constraints that are in conflict and the changes that would help. That is not
     * an error. A session makes its own plan in the same way when it starts, and makes it again when something unexpected
     * happens. The answer comes in parts of at most 1 MiB. The stream ends after the last part; see Plan.
     * Changes nothing and notifies nobody, and may be repeated at will.
     * Errors: those of CreateSession, with one difference: if the lead times of policies are longer than the window, the
     * answer is a conflict. RESOURCE_EXHAUSTED (TOO_MANY_PREVIEWS) if two other previews are being made and the call has
     * waited 10 seconds for its turn.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"zones": ["zone-a"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PreviewSession
     * Callers: operators.
     * </pre>
     */
    public void previewSession(dev.fermata.v1.PreviewSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PreviewSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getPreviewSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a session. It comes without its hosts and servers: ListSessionHosts and ListSessionServers list them.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/GetSession
     * Callers: operators, auditors.
     * </pre>
     */
    public void getSession(dev.fermata.v1.GetSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists sessions, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["SESSION_STATE_RUNNING"]}}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ListSessions
     * Callers: operators, auditors.
     * </pre>
     */
    public void listSessions(dev.fermata.v1.ListSessionsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSessionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes fields of the spec of a session that has not ended and is not being cancelled. While the session is SCHEDULED,
     * Fermata notifies and asks its owners again if the change concerns them. Later, the change applies to the drains that
     * begin after it.
     * May be repeated: the same values again change nothing. With an `etag`, a repetition also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (WINDOW_INVALID) if the new window
     * is over, ends before it starts, or is too short for the lead times or for the reply periods of the owners;
     * FAILED_PRECONDITION (WRONG_STATE) if the session is CANCELLING, CANCELLED or COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47",
     *     "spec": {"max_parallel_hosts": 2}, "update_mask": {"paths": ["max_parallel_hosts"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/UpdateSession
     * Callers: operators.
     * </pre>
     */
    public void updateSession(dev.fermata.v1.UpdateSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.UpdateSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a session that is COMPLETED or CANCELLED, together with its report.
     * With a `request_id` it may be repeated. Without one, a second call finds no session.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session has
     * not ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/DeleteSession
     * Callers: operators.
     * </pre>
     */
    public void deleteSession(dev.fermata.v1.DeleteSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Starts a SCHEDULED session now, inside its window. The session does not wait for the replies to the announcement.
     * Fermata still asks the owners before it drains each host.
     * May be repeated: nothing changes if the session is already about to start, or is RUNNING. With an `etag`, a repetition
     * also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the window has
     * not opened yet, or if the session is in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/StartSession
     * Callers: operators.
     * </pre>
     */
    public void startSession(dev.fermata.v1.StartSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.StartSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Pauses a RUNNING session. Nothing new starts. Actions that have begun are finished.
     * May be repeated: nothing changes if the session is already PAUSED. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "an incident in the network"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PauseSession
     * Callers: operators.
     * </pre>
     */
    public void pauseSession(dev.fermata.v1.PauseSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PauseSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPauseSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Resumes a PAUSED session. For a FAILED session, Fermata also tries the failed hosts again.
     * May be repeated: nothing changes if the session is already RUNNING. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ResumeSession
     * Callers: operators.
     * </pre>
     */
    public void resumeSession(dev.fermata.v1.ResumeSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ResumeSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResumeSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Cancels a session. Actions that have begun are finished, hosts are given back, and kept servers are started. A host that
     * is IN_MAINTENANCE stays held until CompleteHost or FailHost, and one that does not come back until FailHost or SkipHost.
     * May be repeated: nothing changes if the session is already CANCELLING or CANCELLED. With an `etag`, a repetition also
     * needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "the firmware is withdrawn"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CancelSession
     * Callers: operators.
     * </pre>
     */
    public void cancelSession(dev.fermata.v1.CancelSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.CancelSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelSessionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reports that the work on a host IN_MAINTENANCE is done. The host goes back to service, or is retired.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already MAINTAINED or
     * RETIRED, or is going back to service after the work; it is refused after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, if the session has ended, or if a host
     * that shall be retired is not empty or not disabled at the moment.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CompleteHost
     * Callers: operators.
     * </pre>
     */
    public void completeHost(dev.fermata.v1.CompleteHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.CompleteHostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCompleteHostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reports that a host failed. For a host that is IN_MAINTENANCE, the work failed: the host stays disabled and is left to
     * the operator. For a host that is DRAINING, Fermata gives up the drain and the host goes back to service. For a host that
     * is RETURNING and does not come back, Fermata stops trying: the host and the servers on it are left to the operator as they
     * are, and the host is MAINTENANCE_FAILED. That is allowed after `action_timeout`, and before if its compute service is down,
     * or if the cloud does not list it, does not show it or does not switch its scheduling.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already DRAIN_FAILED
     * or MAINTENANCE_FAILED; it is refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1", "reason": "a broken fan"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/FailHost
     * Callers: operators.
     * </pre>
     */
    public void failHost(dev.fermata.v1.FailHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.FailHostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getFailHostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Leaves a host out of the session. The host must be WAITING, DRAINING, DRAIN_FAILED or MAINTENANCE_FAILED, or must be
     * given back only because its drain was put off, or must be RETURNING and not come back (see FailHost): then the host and the
     * servers on it are left to the operator as they are.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already SKIPPED; it is
     * refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/SkipHost
     * Callers: operators.
     * </pre>
     */
    public void skipHost(dev.fermata.v1.SkipHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.SkipHostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSkipHostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tries a host again that failed or was skipped, or goes on with a drain that is held for the operator.
     * With a `request_id` it may be repeated. Without one, a second call is refused, because the host already waits or is
     * being drained.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; INVALID_ARGUMENT (INVALID_FIELD) if `override_owners` has no `reason`; FAILED_PRECONDITION (WRONG_STATE)
     * if the host is in another state, if the session has ended, or if a failed or skipped host is in a session that is
     * CANCELLING.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/RetryHost
     * Callers: operators.
     * </pre>
     */
    public void retryHost(dev.fermata.v1.RetryHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.RetryHostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRetryHostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the hosts of a session in the order of the plan: first the hosts that have begun, then the hosts that wait.
     * Changes nothing, and may be repeated at will. Each page shows the session at the time of the call. A host whose place in
     * the plan changes between two pages may be listed twice, or not at all. With order_by `host` that does not happen.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SESSION_HOST_STATE_WAITING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionHosts
     * Callers: operators, auditors.
     * </pre>
     */
    public void listSessionHosts(dev.fermata.v1.ListSessionHostsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionHostsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSessionHostsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the servers that a session affects or has affected, by host and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SERVER_STATE_FAILED"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionServers
     * Callers: operators, auditors.
     * </pre>
     */
    public void listSessionServers(dev.fermata.v1.ListSessionServersRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionServersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSessionServersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists what the owners were asked in a session, and what they replied: who accepted, objected, offered something else or
     * said nothing. By project, and then by the time of the question.
     * Changes nothing, and may be repeated at will. Questions stay listed after they are closed, until the session is deleted.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionNotifications
     * Callers: operators, auditors.
     * </pre>
     */
    public void listSessionNotifications(dev.fermata.v1.ListSessionNotificationsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionNotificationsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSessionNotificationsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reports what happened to every host and server, and what owners were asked and replied, page by page, during a session and
     * after its end.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "page_size": 100}' &#92;
     *   localhost:7400 fermata.v1.SessionService/GetSessionReport
     * Callers: operators, auditors.
     * </pre>
     */
    public void getSessionReport(dev.fermata.v1.GetSessionReportRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetSessionReportResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSessionReportMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the state of a session and then every event of it, until the client closes the stream.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session, or if it is deleted while the stream is open;
     * INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED)
     * for a token that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS, SLOW_READER). After
     * an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/WatchSession
     * Callers: operators, auditors.
     * </pre>
     */
    public void watchSession(dev.fermata.v1.WatchSessionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.WatchSessionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchSessionMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SessionService.
   * <pre>
   * Maintenance sessions, for operators and NFVOs.
   * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class SessionServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SessionServiceBlockingV2Stub> {
    private SessionServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SessionServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SessionServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a session and announces it to every affected owner.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the hosts in a session and is refused.
     * Errors: INVALID_ARGUMENT (UNKNOWN_HOST) if the spec names hosts that the cloud does not have; INVALID_ARGUMENT
     * (WINDOW_INVALID) if the window is over, ends before it starts, or is too short for the lead times or for the reply
     * periods of the owners; FAILED_PRECONDITION
     * (HOST_IN_SESSION) if an active session has one of the hosts. One answer lists all violations. If they are of different
     * kinds, the reason is INVALID_FIELD. UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud does not answer.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"names": ["compute-1"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CreateSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.CreateSessionResponse createSession(dev.fermata.v1.CreateSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes the plan of a session without creating the session. The plan follows from the cloud and the policies as they are
     * now.
     * If there is no plan, the answer names the constraints that are in conflict and the changes that would help. That is not
     * an error. A session makes its own plan in the same way when it starts, and makes it again when something unexpected
     * happens. The answer comes in parts of at most 1 MiB. The stream ends after the last part; see Plan.
     * Changes nothing and notifies nobody, and may be repeated at will.
     * Errors: those of CreateSession, with one difference: if the lead times of policies are longer than the window, the
     * answer is a conflict. RESOURCE_EXHAUSTED (TOO_MANY_PREVIEWS) if two other previews are being made and the call has
     * waited 10 seconds for its turn.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"zones": ["zone-a"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PreviewSession
     * Callers: operators.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.fermata.v1.PreviewSessionResponse>
        previewSession(dev.fermata.v1.PreviewSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getPreviewSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a session. It comes without its hosts and servers: ListSessionHosts and ListSessionServers list them.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/GetSession
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetSessionResponse getSession(dev.fermata.v1.GetSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists sessions, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["SESSION_STATE_RUNNING"]}}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ListSessions
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionsResponse listSessions(dev.fermata.v1.ListSessionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSessionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes fields of the spec of a session that has not ended and is not being cancelled. While the session is SCHEDULED,
     * Fermata notifies and asks its owners again if the change concerns them. Later, the change applies to the drains that
     * begin after it.
     * May be repeated: the same values again change nothing. With an `etag`, a repetition also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (WINDOW_INVALID) if the new window
     * is over, ends before it starts, or is too short for the lead times or for the reply periods of the owners;
     * FAILED_PRECONDITION (WRONG_STATE) if the session is CANCELLING, CANCELLED or COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47",
     *     "spec": {"max_parallel_hosts": 2}, "update_mask": {"paths": ["max_parallel_hosts"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/UpdateSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.UpdateSessionResponse updateSession(dev.fermata.v1.UpdateSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a session that is COMPLETED or CANCELLED, together with its report.
     * With a `request_id` it may be repeated. Without one, a second call finds no session.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session has
     * not ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/DeleteSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.DeleteSessionResponse deleteSession(dev.fermata.v1.DeleteSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a SCHEDULED session now, inside its window. The session does not wait for the replies to the announcement.
     * Fermata still asks the owners before it drains each host.
     * May be repeated: nothing changes if the session is already about to start, or is RUNNING. With an `etag`, a repetition
     * also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the window has
     * not opened yet, or if the session is in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/StartSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.StartSessionResponse startSession(dev.fermata.v1.StartSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Pauses a RUNNING session. Nothing new starts. Actions that have begun are finished.
     * May be repeated: nothing changes if the session is already PAUSED. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "an incident in the network"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PauseSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.PauseSessionResponse pauseSession(dev.fermata.v1.PauseSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPauseSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Resumes a PAUSED session. For a FAILED session, Fermata also tries the failed hosts again.
     * May be repeated: nothing changes if the session is already RUNNING. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ResumeSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.ResumeSessionResponse resumeSession(dev.fermata.v1.ResumeSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResumeSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a session. Actions that have begun are finished, hosts are given back, and kept servers are started. A host that
     * is IN_MAINTENANCE stays held until CompleteHost or FailHost, and one that does not come back until FailHost or SkipHost.
     * May be repeated: nothing changes if the session is already CANCELLING or CANCELLED. With an `etag`, a repetition also
     * needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "the firmware is withdrawn"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CancelSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.CancelSessionResponse cancelSession(dev.fermata.v1.CancelSessionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports that the work on a host IN_MAINTENANCE is done. The host goes back to service, or is retired.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already MAINTAINED or
     * RETIRED, or is going back to service after the work; it is refused after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, if the session has ended, or if a host
     * that shall be retired is not empty or not disabled at the moment.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CompleteHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.CompleteHostResponse completeHost(dev.fermata.v1.CompleteHostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCompleteHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports that a host failed. For a host that is IN_MAINTENANCE, the work failed: the host stays disabled and is left to
     * the operator. For a host that is DRAINING, Fermata gives up the drain and the host goes back to service. For a host that
     * is RETURNING and does not come back, Fermata stops trying: the host and the servers on it are left to the operator as they
     * are, and the host is MAINTENANCE_FAILED. That is allowed after `action_timeout`, and before if its compute service is down,
     * or if the cloud does not list it, does not show it or does not switch its scheduling.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already DRAIN_FAILED
     * or MAINTENANCE_FAILED; it is refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1", "reason": "a broken fan"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/FailHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.FailHostResponse failHost(dev.fermata.v1.FailHostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getFailHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Leaves a host out of the session. The host must be WAITING, DRAINING, DRAIN_FAILED or MAINTENANCE_FAILED, or must be
     * given back only because its drain was put off, or must be RETURNING and not come back (see FailHost): then the host and the
     * servers on it are left to the operator as they are.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already SKIPPED; it is
     * refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/SkipHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.SkipHostResponse skipHost(dev.fermata.v1.SkipHostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSkipHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tries a host again that failed or was skipped, or goes on with a drain that is held for the operator.
     * With a `request_id` it may be repeated. Without one, a second call is refused, because the host already waits or is
     * being drained.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; INVALID_ARGUMENT (INVALID_FIELD) if `override_owners` has no `reason`; FAILED_PRECONDITION (WRONG_STATE)
     * if the host is in another state, if the session has ended, or if a failed or skipped host is in a session that is
     * CANCELLING.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/RetryHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.RetryHostResponse retryHost(dev.fermata.v1.RetryHostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRetryHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the hosts of a session in the order of the plan: first the hosts that have begun, then the hosts that wait.
     * Changes nothing, and may be repeated at will. Each page shows the session at the time of the call. A host whose place in
     * the plan changes between two pages may be listed twice, or not at all. With order_by `host` that does not happen.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SESSION_HOST_STATE_WAITING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionHosts
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionHostsResponse listSessionHosts(dev.fermata.v1.ListSessionHostsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSessionHostsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the servers that a session affects or has affected, by host and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SERVER_STATE_FAILED"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionServers
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionServersResponse listSessionServers(dev.fermata.v1.ListSessionServersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSessionServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists what the owners were asked in a session, and what they replied: who accepted, objected, offered something else or
     * said nothing. By project, and then by the time of the question.
     * Changes nothing, and may be repeated at will. Questions stay listed after they are closed, until the session is deleted.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionNotifications
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionNotificationsResponse listSessionNotifications(dev.fermata.v1.ListSessionNotificationsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSessionNotificationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports what happened to every host and server, and what owners were asked and replied, page by page, during a session and
     * after its end.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "page_size": 100}' &#92;
     *   localhost:7400 fermata.v1.SessionService/GetSessionReport
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetSessionReportResponse getSessionReport(dev.fermata.v1.GetSessionReportRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSessionReportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the state of a session and then every event of it, until the client closes the stream.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session, or if it is deleted while the stream is open;
     * INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED)
     * for a token that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS, SLOW_READER). After
     * an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/WatchSession
     * Callers: operators, auditors.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.fermata.v1.WatchSessionResponse>
        watchSession(dev.fermata.v1.WatchSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchSessionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SessionService.
   * <pre>
   * Maintenance sessions, for operators and NFVOs.
   * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class SessionServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SessionServiceBlockingStub> {
    private SessionServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SessionServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SessionServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a session and announces it to every affected owner.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the hosts in a session and is refused.
     * Errors: INVALID_ARGUMENT (UNKNOWN_HOST) if the spec names hosts that the cloud does not have; INVALID_ARGUMENT
     * (WINDOW_INVALID) if the window is over, ends before it starts, or is too short for the lead times or for the reply
     * periods of the owners; FAILED_PRECONDITION
     * (HOST_IN_SESSION) if an active session has one of the hosts. One answer lists all violations. If they are of different
     * kinds, the reason is INVALID_FIELD. UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud does not answer.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"names": ["compute-1"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CreateSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.CreateSessionResponse createSession(dev.fermata.v1.CreateSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes the plan of a session without creating the session. The plan follows from the cloud and the policies as they are
     * now.
     * If there is no plan, the answer names the constraints that are in conflict and the changes that would help. That is not
     * an error. A session makes its own plan in the same way when it starts, and makes it again when something unexpected
     * happens. The answer comes in parts of at most 1 MiB. The stream ends after the last part; see Plan.
     * Changes nothing and notifies nobody, and may be repeated at will.
     * Errors: those of CreateSession, with one difference: if the lead times of policies are longer than the window, the
     * answer is a conflict. RESOURCE_EXHAUSTED (TOO_MANY_PREVIEWS) if two other previews are being made and the call has
     * waited 10 seconds for its turn.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"zones": ["zone-a"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PreviewSession
     * Callers: operators.
     * </pre>
     */
    public java.util.Iterator<dev.fermata.v1.PreviewSessionResponse> previewSession(
        dev.fermata.v1.PreviewSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getPreviewSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a session. It comes without its hosts and servers: ListSessionHosts and ListSessionServers list them.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/GetSession
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetSessionResponse getSession(dev.fermata.v1.GetSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists sessions, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["SESSION_STATE_RUNNING"]}}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ListSessions
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionsResponse listSessions(dev.fermata.v1.ListSessionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSessionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes fields of the spec of a session that has not ended and is not being cancelled. While the session is SCHEDULED,
     * Fermata notifies and asks its owners again if the change concerns them. Later, the change applies to the drains that
     * begin after it.
     * May be repeated: the same values again change nothing. With an `etag`, a repetition also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (WINDOW_INVALID) if the new window
     * is over, ends before it starts, or is too short for the lead times or for the reply periods of the owners;
     * FAILED_PRECONDITION (WRONG_STATE) if the session is CANCELLING, CANCELLED or COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47",
     *     "spec": {"max_parallel_hosts": 2}, "update_mask": {"paths": ["max_parallel_hosts"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/UpdateSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.UpdateSessionResponse updateSession(dev.fermata.v1.UpdateSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a session that is COMPLETED or CANCELLED, together with its report.
     * With a `request_id` it may be repeated. Without one, a second call finds no session.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session has
     * not ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/DeleteSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.DeleteSessionResponse deleteSession(dev.fermata.v1.DeleteSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a SCHEDULED session now, inside its window. The session does not wait for the replies to the announcement.
     * Fermata still asks the owners before it drains each host.
     * May be repeated: nothing changes if the session is already about to start, or is RUNNING. With an `etag`, a repetition
     * also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the window has
     * not opened yet, or if the session is in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/StartSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.StartSessionResponse startSession(dev.fermata.v1.StartSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Pauses a RUNNING session. Nothing new starts. Actions that have begun are finished.
     * May be repeated: nothing changes if the session is already PAUSED. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "an incident in the network"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PauseSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.PauseSessionResponse pauseSession(dev.fermata.v1.PauseSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPauseSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Resumes a PAUSED session. For a FAILED session, Fermata also tries the failed hosts again.
     * May be repeated: nothing changes if the session is already RUNNING. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ResumeSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.ResumeSessionResponse resumeSession(dev.fermata.v1.ResumeSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResumeSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a session. Actions that have begun are finished, hosts are given back, and kept servers are started. A host that
     * is IN_MAINTENANCE stays held until CompleteHost or FailHost, and one that does not come back until FailHost or SkipHost.
     * May be repeated: nothing changes if the session is already CANCELLING or CANCELLED. With an `etag`, a repetition also
     * needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "the firmware is withdrawn"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CancelSession
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.CancelSessionResponse cancelSession(dev.fermata.v1.CancelSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelSessionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports that the work on a host IN_MAINTENANCE is done. The host goes back to service, or is retired.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already MAINTAINED or
     * RETIRED, or is going back to service after the work; it is refused after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, if the session has ended, or if a host
     * that shall be retired is not empty or not disabled at the moment.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CompleteHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.CompleteHostResponse completeHost(dev.fermata.v1.CompleteHostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCompleteHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports that a host failed. For a host that is IN_MAINTENANCE, the work failed: the host stays disabled and is left to
     * the operator. For a host that is DRAINING, Fermata gives up the drain and the host goes back to service. For a host that
     * is RETURNING and does not come back, Fermata stops trying: the host and the servers on it are left to the operator as they
     * are, and the host is MAINTENANCE_FAILED. That is allowed after `action_timeout`, and before if its compute service is down,
     * or if the cloud does not list it, does not show it or does not switch its scheduling.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already DRAIN_FAILED
     * or MAINTENANCE_FAILED; it is refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1", "reason": "a broken fan"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/FailHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.FailHostResponse failHost(dev.fermata.v1.FailHostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getFailHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Leaves a host out of the session. The host must be WAITING, DRAINING, DRAIN_FAILED or MAINTENANCE_FAILED, or must be
     * given back only because its drain was put off, or must be RETURNING and not come back (see FailHost): then the host and the
     * servers on it are left to the operator as they are.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already SKIPPED; it is
     * refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/SkipHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.SkipHostResponse skipHost(dev.fermata.v1.SkipHostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSkipHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tries a host again that failed or was skipped, or goes on with a drain that is held for the operator.
     * With a `request_id` it may be repeated. Without one, a second call is refused, because the host already waits or is
     * being drained.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; INVALID_ARGUMENT (INVALID_FIELD) if `override_owners` has no `reason`; FAILED_PRECONDITION (WRONG_STATE)
     * if the host is in another state, if the session has ended, or if a failed or skipped host is in a session that is
     * CANCELLING.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/RetryHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.RetryHostResponse retryHost(dev.fermata.v1.RetryHostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRetryHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the hosts of a session in the order of the plan: first the hosts that have begun, then the hosts that wait.
     * Changes nothing, and may be repeated at will. Each page shows the session at the time of the call. A host whose place in
     * the plan changes between two pages may be listed twice, or not at all. With order_by `host` that does not happen.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SESSION_HOST_STATE_WAITING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionHosts
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionHostsResponse listSessionHosts(dev.fermata.v1.ListSessionHostsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSessionHostsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the servers that a session affects or has affected, by host and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SERVER_STATE_FAILED"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionServers
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionServersResponse listSessionServers(dev.fermata.v1.ListSessionServersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSessionServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists what the owners were asked in a session, and what they replied: who accepted, objected, offered something else or
     * said nothing. By project, and then by the time of the question.
     * Changes nothing, and may be repeated at will. Questions stay listed after they are closed, until the session is deleted.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionNotifications
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSessionNotificationsResponse listSessionNotifications(dev.fermata.v1.ListSessionNotificationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSessionNotificationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reports what happened to every host and server, and what owners were asked and replied, page by page, during a session and
     * after its end.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "page_size": 100}' &#92;
     *   localhost:7400 fermata.v1.SessionService/GetSessionReport
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetSessionReportResponse getSessionReport(dev.fermata.v1.GetSessionReportRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSessionReportMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the state of a session and then every event of it, until the client closes the stream.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session, or if it is deleted while the stream is open;
     * INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED)
     * for a token that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS, SLOW_READER). After
     * an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/WatchSession
     * Callers: operators, auditors.
     * </pre>
     */
    public java.util.Iterator<dev.fermata.v1.WatchSessionResponse> watchSession(
        dev.fermata.v1.WatchSessionRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchSessionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SessionService.
   * <pre>
   * Maintenance sessions, for operators and NFVOs.
   * Every write takes a `request_id`. Every write to an existing session takes an `etag`.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class SessionServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SessionServiceFutureStub> {
    private SessionServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SessionServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SessionServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a session and announces it to every affected owner.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the hosts in a session and is refused.
     * Errors: INVALID_ARGUMENT (UNKNOWN_HOST) if the spec names hosts that the cloud does not have; INVALID_ARGUMENT
     * (WINDOW_INVALID) if the window is over, ends before it starts, or is too short for the lead times or for the reply
     * periods of the owners; FAILED_PRECONDITION
     * (HOST_IN_SESSION) if an active session has one of the hosts. One answer lists all violations. If they are of different
     * kinds, the reason is INVALID_FIELD. UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud does not answer.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"spec": {"hosts": {"names": ["compute-1"]}, "window": {"end_time": "2099-01-01T04:00:00Z"}, "reason": "BIOS"}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CreateSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.CreateSessionResponse> createSession(
        dev.fermata.v1.CreateSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a session. It comes without its hosts and servers: ListSessionHosts and ListSessionServers list them.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/GetSession
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetSessionResponse> getSession(
        dev.fermata.v1.GetSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists sessions, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["SESSION_STATE_RUNNING"]}}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ListSessions
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListSessionsResponse> listSessions(
        dev.fermata.v1.ListSessionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSessionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes fields of the spec of a session that has not ended and is not being cancelled. While the session is SCHEDULED,
     * Fermata notifies and asks its owners again if the change concerns them. Later, the change applies to the drains that
     * begin after it.
     * May be repeated: the same values again change nothing. With an `etag`, a repetition also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (WINDOW_INVALID) if the new window
     * is over, ends before it starts, or is too short for the lead times or for the reply periods of the owners;
     * FAILED_PRECONDITION (WRONG_STATE) if the session is CANCELLING, CANCELLED or COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47",
     *     "spec": {"max_parallel_hosts": 2}, "update_mask": {"paths": ["max_parallel_hosts"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/UpdateSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.UpdateSessionResponse> updateSession(
        dev.fermata.v1.UpdateSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a session that is COMPLETED or CANCELLED, together with its report.
     * With a `request_id` it may be repeated. Without one, a second call finds no session.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session has
     * not ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/DeleteSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.DeleteSessionResponse> deleteSession(
        dev.fermata.v1.DeleteSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Starts a SCHEDULED session now, inside its window. The session does not wait for the replies to the announcement.
     * Fermata still asks the owners before it drains each host.
     * May be repeated: nothing changes if the session is already about to start, or is RUNNING. With an `etag`, a repetition
     * also needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the window has
     * not opened yet, or if the session is in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/StartSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.StartSessionResponse> startSession(
        dev.fermata.v1.StartSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Pauses a RUNNING session. Nothing new starts. Actions that have begun are finished.
     * May be repeated: nothing changes if the session is already PAUSED. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "an incident in the network"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/PauseSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.PauseSessionResponse> pauseSession(
        dev.fermata.v1.PauseSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPauseSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Resumes a PAUSED session. For a FAILED session, Fermata also tries the failed hosts again.
     * May be repeated: nothing changes if the session is already RUNNING. With an `etag`, a repetition also needs the same
     * `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * in another state.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47"}' localhost:7400 &#92;
     *   fermata.v1.SessionService/ResumeSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ResumeSessionResponse> resumeSession(
        dev.fermata.v1.ResumeSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResumeSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Cancels a session. Actions that have begun are finished, hosts are given back, and kept servers are started. A host that
     * is IN_MAINTENANCE stays held until CompleteHost or FailHost, and one that does not come back until FailHost or SkipHost.
     * May be repeated: nothing changes if the session is already CANCELLING or CANCELLED. With an `etag`, a repetition also
     * needs the same `request_id`.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; FAILED_PRECONDITION (WRONG_STATE) if the session is
     * COMPLETED.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "reason": "the firmware is withdrawn"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CancelSession
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.CancelSessionResponse> cancelSession(
        dev.fermata.v1.CancelSessionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelSessionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reports that the work on a host IN_MAINTENANCE is done. The host goes back to service, or is retired.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already MAINTAINED or
     * RETIRED, or is going back to service after the work; it is refused after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, if the session has ended, or if a host
     * that shall be retired is not empty or not disabled at the moment.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/CompleteHost
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.CompleteHostResponse> completeHost(
        dev.fermata.v1.CompleteHostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCompleteHostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reports that a host failed. For a host that is IN_MAINTENANCE, the work failed: the host stays disabled and is left to
     * the operator. For a host that is DRAINING, Fermata gives up the drain and the host goes back to service. For a host that
     * is RETURNING and does not come back, Fermata stops trying: the host and the servers on it are left to the operator as they
     * are, and the host is MAINTENANCE_FAILED. That is allowed after `action_timeout`, and before if its compute service is down,
     * or if the cloud does not list it, does not show it or does not switch its scheduling.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already DRAIN_FAILED
     * or MAINTENANCE_FAILED; it is refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1", "reason": "a broken fan"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/FailHost
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.FailHostResponse> failHost(
        dev.fermata.v1.FailHostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getFailHostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Leaves a host out of the session. The host must be WAITING, DRAINING, DRAIN_FAILED or MAINTENANCE_FAILED, or must be
     * given back only because its drain was put off, or must be RETURNING and not come back (see FailHost): then the host and the
     * servers on it are left to the operator as they are.
     * With a `request_id` it may be repeated. Without one, a second call changes nothing if the host is already SKIPPED; it is
     * refused while the host is coming back, and after the session has ended.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; FAILED_PRECONDITION (WRONG_STATE) if the host is in another state, or if the session has ended.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/SkipHost
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.SkipHostResponse> skipHost(
        dev.fermata.v1.SkipHostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSkipHostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tries a host again that failed or was skipped, or goes on with a drain that is held for the operator.
     * With a `request_id` it may be repeated. Without one, a second call is refused, because the host already waits or is
     * being drained.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; NOT_FOUND (HOST_NOT_FOUND) if the session does not
     * have the host; INVALID_ARGUMENT (INVALID_FIELD) if `override_owners` has no `reason`; FAILED_PRECONDITION (WRONG_STATE)
     * if the host is in another state, if the session has ended, or if a failed or skipped host is in a session that is
     * CANCELLING.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "host": "compute-1"}' &#92;
     *   localhost:7400 fermata.v1.SessionService/RetryHost
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.RetryHostResponse> retryHost(
        dev.fermata.v1.RetryHostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRetryHostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the hosts of a session in the order of the plan: first the hosts that have begun, then the hosts that wait.
     * Changes nothing, and may be repeated at will. Each page shows the session at the time of the call. A host whose place in
     * the plan changes between two pages may be listed twice, or not at all. With order_by `host` that does not happen.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SESSION_HOST_STATE_WAITING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionHosts
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListSessionHostsResponse> listSessionHosts(
        dev.fermata.v1.ListSessionHostsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSessionHostsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the servers that a session affects or has affected, by host and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["SERVER_STATE_FAILED"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionServers
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListSessionServersResponse> listSessionServers(
        dev.fermata.v1.ListSessionServersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSessionServersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists what the owners were asked in a session, and what they replied: who accepted, objected, offered something else or
     * said nothing. By project, and then by the time of the question.
     * Changes nothing, and may be repeated at will. Questions stay listed after they are closed, until the session is deleted.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.SessionService/ListSessionNotifications
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListSessionNotificationsResponse> listSessionNotifications(
        dev.fermata.v1.ListSessionNotificationsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSessionNotificationsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reports what happened to every host and server, and what owners were asked and replied, page by page, during a session and
     * after its end.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SESSION_NOT_FOUND) if there is no such session; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"session_id": "019a2f4e-7c31-7d3a-9b52-0c6f3e1a8d47", "page_size": 100}' &#92;
     *   localhost:7400 fermata.v1.SessionService/GetSessionReport
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetSessionReportResponse> getSessionReport(
        dev.fermata.v1.GetSessionReportRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSessionReportMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SESSION = 0;
  private static final int METHODID_PREVIEW_SESSION = 1;
  private static final int METHODID_GET_SESSION = 2;
  private static final int METHODID_LIST_SESSIONS = 3;
  private static final int METHODID_UPDATE_SESSION = 4;
  private static final int METHODID_DELETE_SESSION = 5;
  private static final int METHODID_START_SESSION = 6;
  private static final int METHODID_PAUSE_SESSION = 7;
  private static final int METHODID_RESUME_SESSION = 8;
  private static final int METHODID_CANCEL_SESSION = 9;
  private static final int METHODID_COMPLETE_HOST = 10;
  private static final int METHODID_FAIL_HOST = 11;
  private static final int METHODID_SKIP_HOST = 12;
  private static final int METHODID_RETRY_HOST = 13;
  private static final int METHODID_LIST_SESSION_HOSTS = 14;
  private static final int METHODID_LIST_SESSION_SERVERS = 15;
  private static final int METHODID_LIST_SESSION_NOTIFICATIONS = 16;
  private static final int METHODID_GET_SESSION_REPORT = 17;
  private static final int METHODID_WATCH_SESSION = 18;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_CREATE_SESSION:
          serviceImpl.createSession((dev.fermata.v1.CreateSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.CreateSessionResponse>) responseObserver);
          break;
        case METHODID_PREVIEW_SESSION:
          serviceImpl.previewSession((dev.fermata.v1.PreviewSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.PreviewSessionResponse>) responseObserver);
          break;
        case METHODID_GET_SESSION:
          serviceImpl.getSession((dev.fermata.v1.GetSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetSessionResponse>) responseObserver);
          break;
        case METHODID_LIST_SESSIONS:
          serviceImpl.listSessions((dev.fermata.v1.ListSessionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SESSION:
          serviceImpl.updateSession((dev.fermata.v1.UpdateSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.UpdateSessionResponse>) responseObserver);
          break;
        case METHODID_DELETE_SESSION:
          serviceImpl.deleteSession((dev.fermata.v1.DeleteSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteSessionResponse>) responseObserver);
          break;
        case METHODID_START_SESSION:
          serviceImpl.startSession((dev.fermata.v1.StartSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.StartSessionResponse>) responseObserver);
          break;
        case METHODID_PAUSE_SESSION:
          serviceImpl.pauseSession((dev.fermata.v1.PauseSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.PauseSessionResponse>) responseObserver);
          break;
        case METHODID_RESUME_SESSION:
          serviceImpl.resumeSession((dev.fermata.v1.ResumeSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ResumeSessionResponse>) responseObserver);
          break;
        case METHODID_CANCEL_SESSION:
          serviceImpl.cancelSession((dev.fermata.v1.CancelSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.CancelSessionResponse>) responseObserver);
          break;
        case METHODID_COMPLETE_HOST:
          serviceImpl.completeHost((dev.fermata.v1.CompleteHostRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.CompleteHostResponse>) responseObserver);
          break;
        case METHODID_FAIL_HOST:
          serviceImpl.failHost((dev.fermata.v1.FailHostRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.FailHostResponse>) responseObserver);
          break;
        case METHODID_SKIP_HOST:
          serviceImpl.skipHost((dev.fermata.v1.SkipHostRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.SkipHostResponse>) responseObserver);
          break;
        case METHODID_RETRY_HOST:
          serviceImpl.retryHost((dev.fermata.v1.RetryHostRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.RetryHostResponse>) responseObserver);
          break;
        case METHODID_LIST_SESSION_HOSTS:
          serviceImpl.listSessionHosts((dev.fermata.v1.ListSessionHostsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionHostsResponse>) responseObserver);
          break;
        case METHODID_LIST_SESSION_SERVERS:
          serviceImpl.listSessionServers((dev.fermata.v1.ListSessionServersRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionServersResponse>) responseObserver);
          break;
        case METHODID_LIST_SESSION_NOTIFICATIONS:
          serviceImpl.listSessionNotifications((dev.fermata.v1.ListSessionNotificationsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListSessionNotificationsResponse>) responseObserver);
          break;
        case METHODID_GET_SESSION_REPORT:
          serviceImpl.getSessionReport((dev.fermata.v1.GetSessionReportRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetSessionReportResponse>) responseObserver);
          break;
        case METHODID_WATCH_SESSION:
          serviceImpl.watchSession((dev.fermata.v1.WatchSessionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.WatchSessionResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.CreateSessionRequest,
              dev.fermata.v1.CreateSessionResponse>(
                service, METHODID_CREATE_SESSION)))
        .addMethod(
          getPreviewSessionMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.fermata.v1.PreviewSessionRequest,
              dev.fermata.v1.PreviewSessionResponse>(
                service, METHODID_PREVIEW_SESSION)))
        .addMethod(
          getGetSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetSessionRequest,
              dev.fermata.v1.GetSessionResponse>(
                service, METHODID_GET_SESSION)))
        .addMethod(
          getListSessionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListSessionsRequest,
              dev.fermata.v1.ListSessionsResponse>(
                service, METHODID_LIST_SESSIONS)))
        .addMethod(
          getUpdateSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.UpdateSessionRequest,
              dev.fermata.v1.UpdateSessionResponse>(
                service, METHODID_UPDATE_SESSION)))
        .addMethod(
          getDeleteSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.DeleteSessionRequest,
              dev.fermata.v1.DeleteSessionResponse>(
                service, METHODID_DELETE_SESSION)))
        .addMethod(
          getStartSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.StartSessionRequest,
              dev.fermata.v1.StartSessionResponse>(
                service, METHODID_START_SESSION)))
        .addMethod(
          getPauseSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.PauseSessionRequest,
              dev.fermata.v1.PauseSessionResponse>(
                service, METHODID_PAUSE_SESSION)))
        .addMethod(
          getResumeSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ResumeSessionRequest,
              dev.fermata.v1.ResumeSessionResponse>(
                service, METHODID_RESUME_SESSION)))
        .addMethod(
          getCancelSessionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.CancelSessionRequest,
              dev.fermata.v1.CancelSessionResponse>(
                service, METHODID_CANCEL_SESSION)))
        .addMethod(
          getCompleteHostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.CompleteHostRequest,
              dev.fermata.v1.CompleteHostResponse>(
                service, METHODID_COMPLETE_HOST)))
        .addMethod(
          getFailHostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.FailHostRequest,
              dev.fermata.v1.FailHostResponse>(
                service, METHODID_FAIL_HOST)))
        .addMethod(
          getSkipHostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.SkipHostRequest,
              dev.fermata.v1.SkipHostResponse>(
                service, METHODID_SKIP_HOST)))
        .addMethod(
          getRetryHostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.RetryHostRequest,
              dev.fermata.v1.RetryHostResponse>(
                service, METHODID_RETRY_HOST)))
        .addMethod(
          getListSessionHostsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListSessionHostsRequest,
              dev.fermata.v1.ListSessionHostsResponse>(
                service, METHODID_LIST_SESSION_HOSTS)))
        .addMethod(
          getListSessionServersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListSessionServersRequest,
              dev.fermata.v1.ListSessionServersResponse>(
                service, METHODID_LIST_SESSION_SERVERS)))
        .addMethod(
          getListSessionNotificationsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListSessionNotificationsRequest,
              dev.fermata.v1.ListSessionNotificationsResponse>(
                service, METHODID_LIST_SESSION_NOTIFICATIONS)))
        .addMethod(
          getGetSessionReportMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetSessionReportRequest,
              dev.fermata.v1.GetSessionReportResponse>(
                service, METHODID_GET_SESSION_REPORT)))
        .addMethod(
          getWatchSessionMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.fermata.v1.WatchSessionRequest,
              dev.fermata.v1.WatchSessionResponse>(
                service, METHODID_WATCH_SESSION)))
        .build();
  }

  private static abstract class SessionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SessionServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.fermata.v1.SessionServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SessionService");
    }
  }

  private static final class SessionServiceFileDescriptorSupplier
      extends SessionServiceBaseDescriptorSupplier {
    SessionServiceFileDescriptorSupplier() {}
  }

  private static final class SessionServiceMethodDescriptorSupplier
      extends SessionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SessionServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (SessionServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SessionServiceFileDescriptorSupplier())
              .addMethod(getCreateSessionMethod())
              .addMethod(getPreviewSessionMethod())
              .addMethod(getGetSessionMethod())
              .addMethod(getListSessionsMethod())
              .addMethod(getUpdateSessionMethod())
              .addMethod(getDeleteSessionMethod())
              .addMethod(getStartSessionMethod())
              .addMethod(getPauseSessionMethod())
              .addMethod(getResumeSessionMethod())
              .addMethod(getCancelSessionMethod())
              .addMethod(getCompleteHostMethod())
              .addMethod(getFailHostMethod())
              .addMethod(getSkipHostMethod())
              .addMethod(getRetryHostMethod())
              .addMethod(getListSessionHostsMethod())
              .addMethod(getListSessionServersMethod())
              .addMethod(getListSessionNotificationsMethod())
              .addMethod(getGetSessionReportMethod())
              .addMethod(getWatchSessionMethod())
              .build();
        }
      }
    }
    return result;
  }
}
