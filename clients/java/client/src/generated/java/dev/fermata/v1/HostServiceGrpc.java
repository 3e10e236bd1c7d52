package dev.fermata.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Compute hosts, for operators and infrastructure components.
 * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
 * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
 * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
 * disagree.
 * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
 * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
 * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
 * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
 * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
 * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class HostServiceGrpc {

  private HostServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "fermata.v1.HostService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetHostRequest,
      dev.fermata.v1.GetHostResponse> getGetHostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetHost",
      requestType = dev.fermata.v1.GetHostRequest.class,
      responseType = dev.fermata.v1.GetHostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetHostRequest,
      dev.fermata.v1.GetHostResponse> getGetHostMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetHostRequest, dev.fermata.v1.GetHostResponse> getGetHostMethod;
    if ((getGetHostMethod = HostServiceGrpc.getGetHostMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getGetHostMethod = HostServiceGrpc.getGetHostMethod) == null) {
          HostServiceGrpc.getGetHostMethod = getGetHostMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetHostRequest, dev.fermata.v1.GetHostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetHost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetHostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetHostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("GetHost"))
              .build();
        }
      }
    }
    return getGetHostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListHostsRequest,
      dev.fermata.v1.ListHostsResponse> getListHostsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListHosts",
      requestType = dev.fermata.v1.ListHostsRequest.class,
      responseType = dev.fermata.v1.ListHostsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListHostsRequest,
      dev.fermata.v1.ListHostsResponse> getListHostsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListHostsRequest, dev.fermata.v1.ListHostsResponse> getListHostsMethod;
    if ((getListHostsMethod = HostServiceGrpc.getListHostsMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getListHostsMethod = HostServiceGrpc.getListHostsMethod) == null) {
          HostServiceGrpc.getListHostsMethod = getListHostsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListHostsRequest, dev.fermata.v1.ListHostsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListHosts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListHostsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListHostsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("ListHosts"))
              .build();
        }
      }
    }
    return getListHostsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListHostServersRequest,
      dev.fermata.v1.ListHostServersResponse> getListHostServersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListHostServers",
      requestType = dev.fermata.v1.ListHostServersRequest.class,
      responseType = dev.fermata.v1.ListHostServersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListHostServersRequest,
      dev.fermata.v1.ListHostServersResponse> getListHostServersMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListHostServersRequest, dev.fermata.v1.ListHostServersResponse> getListHostServersMethod;
    if ((getListHostServersMethod = HostServiceGrpc.getListHostServersMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getListHostServersMethod = HostServiceGrpc.getListHostServersMethod) == null) {
          HostServiceGrpc.getListHostServersMethod = getListHostServersMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListHostServersRequest, dev.fermata.v1.ListHostServersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListHostServers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListHostServersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListHostServersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("ListHostServers"))
              .build();
        }
      }
    }
    return getListHostServersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.RequestHostMaintenanceRequest,
      dev.fermata.v1.RequestHostMaintenanceResponse> getRequestHostMaintenanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RequestHostMaintenance",
      requestType = dev.fermata.v1.RequestHostMaintenanceRequest.class,
      responseType = dev.fermata.v1.RequestHostMaintenanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.RequestHostMaintenanceRequest,
      dev.fermata.v1.RequestHostMaintenanceResponse> getRequestHostMaintenanceMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.RequestHostMaintenanceRequest, dev.fermata.v1.RequestHostMaintenanceResponse> getRequestHostMaintenanceMethod;
    if ((getRequestHostMaintenanceMethod = HostServiceGrpc.getRequestHostMaintenanceMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getRequestHostMaintenanceMethod = HostServiceGrpc.getRequestHostMaintenanceMethod) == null) {
          HostServiceGrpc.getRequestHostMaintenanceMethod = getRequestHostMaintenanceMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.RequestHostMaintenanceRequest, dev.fermata.v1.RequestHostMaintenanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RequestHostMaintenance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.RequestHostMaintenanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.RequestHostMaintenanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("RequestHostMaintenance"))
              .build();
        }
      }
    }
    return getRequestHostMaintenanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ReleaseHostRequest,
      dev.fermata.v1.ReleaseHostResponse> getReleaseHostMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReleaseHost",
      requestType = dev.fermata.v1.ReleaseHostRequest.class,
      responseType = dev.fermata.v1.ReleaseHostResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ReleaseHostRequest,
      dev.fermata.v1.ReleaseHostResponse> getReleaseHostMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ReleaseHostRequest, dev.fermata.v1.ReleaseHostResponse> getReleaseHostMethod;
    if ((getReleaseHostMethod = HostServiceGrpc.getReleaseHostMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getReleaseHostMethod = HostServiceGrpc.getReleaseHostMethod) == null) {
          HostServiceGrpc.getReleaseHostMethod = getReleaseHostMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ReleaseHostRequest, dev.fermata.v1.ReleaseHostResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReleaseHost"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ReleaseHostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ReleaseHostResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("ReleaseHost"))
              .build();
        }
      }
    }
    return getReleaseHostMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.SetHostSchedulingRequest,
      dev.fermata.v1.SetHostSchedulingResponse> getSetHostSchedulingMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetHostScheduling",
      requestType = dev.fermata.v1.SetHostSchedulingRequest.class,
      responseType = dev.fermata.v1.SetHostSchedulingResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.SetHostSchedulingRequest,
      dev.fermata.v1.SetHostSchedulingResponse> getSetHostSchedulingMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.SetHostSchedulingRequest, dev.fermata.v1.SetHostSchedulingResponse> getSetHostSchedulingMethod;
    if ((getSetHostSchedulingMethod = HostServiceGrpc.getSetHostSchedulingMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getSetHostSchedulingMethod = HostServiceGrpc.getSetHostSchedulingMethod) == null) {
          HostServiceGrpc.getSetHostSchedulingMethod = getSetHostSchedulingMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.SetHostSchedulingRequest, dev.fermata.v1.SetHostSchedulingResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetHostScheduling"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.SetHostSchedulingRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.SetHostSchedulingResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("SetHostScheduling"))
              .build();
        }
      }
    }
    return getSetHostSchedulingMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.WatchHostsRequest,
      dev.fermata.v1.WatchHostsResponse> getWatchHostsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchHosts",
      requestType = dev.fermata.v1.WatchHostsRequest.class,
      responseType = dev.fermata.v1.WatchHostsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.WatchHostsRequest,
      dev.fermata.v1.WatchHostsResponse> getWatchHostsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.WatchHostsRequest, dev.fermata.v1.WatchHostsResponse> getWatchHostsMethod;
    if ((getWatchHostsMethod = HostServiceGrpc.getWatchHostsMethod) == null) {
      synchronized (HostServiceGrpc.class) {
        if ((getWatchHostsMethod = HostServiceGrpc.getWatchHostsMethod) == null) {
          HostServiceGrpc.getWatchHostsMethod = getWatchHostsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.WatchHostsRequest, dev.fermata.v1.WatchHostsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchHosts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.WatchHostsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.WatchHostsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new HostServiceMethodDescriptorSupplier("WatchHosts"))
              .build();
        }
      }
    }
    return getWatchHostsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static HostServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<HostServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<HostServiceStub>() {
        @java.lang.Override
        public HostServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new HostServiceStub(channel, callOptions);
        }
      };
    return HostServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static HostServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<HostServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<HostServiceBlockingV2Stub>() {
        @java.lang.Override
        public HostServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new HostServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return HostServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static HostServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<HostServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<HostServiceBlockingStub>() {
        @java.lang.Override
        public HostServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new HostServiceBlockingStub(channel, callOptions);
        }
      };
    return HostServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static HostServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<HostServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<HostServiceFutureStub>() {
        @java.lang.Override
        public HostServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new HostServiceFutureStub(channel, callOptions);
        }
      };
    return HostServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Compute hosts, for operators and infrastructure components.
   * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
   * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
   * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
   * disagree.
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
   * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Reads one host: what the cloud reports about it, its state, and the session that holds it.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/GetHost
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    default void getHost(dev.fermata.v1.GetHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetHostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetHostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists hosts by name, page by page (Doctor StateQuery). Hosts that left the cloud are not listed.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again. If the filter names states, a host that
     * changes between two pages may be missing from both. WatchHosts sends every change.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["HOST_STATE_DOWN"]}}' localhost:7400 &#92;
     *   fermata.v1.HostService/ListHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    default void listHosts(dev.fermata.v1.ListHostsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListHostsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListHostsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the servers that are on a host now, by project and id: those that a drain of the host would affect.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again: a server that arrives or leaves between two
     * pages may be listed or not.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/ListHostServers
     * Callers: operators, auditors.
     * </pre>
     */
    default void listHostServers(dev.fermata.v1.ListHostServersRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListHostServersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListHostServersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks for one host to be emptied now (Doctor StateChangeRequest): creates a session for this host that starts at once. If
     * the host is not empty within `timeout`, it is enabled again.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the host in a session and is refused.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (WINDOW_INVALID) if `end_time` is too
     * early; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session has the host; ALREADY_EXISTS (REQUEST_ID_REUSED) if the
     * `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "a broken fan", "request_id": "fan-1"}' localhost:7400 &#92;
     *   fermata.v1.HostService/RequestHostMaintenance
     * Callers: operators.
     * </pre>
     */
    default void requestHostMaintenance(dev.fermata.v1.RequestHostMaintenanceRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.RequestHostMaintenanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRequestHostMaintenanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gives one host back after the work: CompleteHost on the active session that holds it.
     * With a `request_id` it may be repeated: the answer is the first one's. Without one, a second call changes nothing while the
     * host is being given back, and gives NOT_FOUND after that.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if no active session has the host; FAILED_PRECONDITION (WRONG_STATE) if the state of the
     * host in the session does not allow it; ALREADY_EXISTS (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "the fan turns"}' localhost:7400 &#92;
     *   fermata.v1.HostService/ReleaseHost
     * Callers: operators.
     * </pre>
     */
    default void releaseHost(dev.fermata.v1.ReleaseHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ReleaseHostResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReleaseHostMethod(), responseObserver);
    }

    /**
     * <pre>
     * Enables or disables the scheduling of one host, outside of sessions: a host that a session left disabled, or a host that must
     * take no more servers. Servers on the host stay there. The reason in the cloud is `fermata operator: ` and the given reason.
     * A host that Fermata disabled, in any session, can be enabled. A host that somebody else disabled stays disabled unless
     * `override_others` is set. May be repeated: a host that is already as requested stays so. The audit record is written before
     * the cloud is called; if the cloud refuses the call, the host stays as it was.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session
     * holds the host, with the calls that end that; FAILED_PRECONDITION (HOST_DISABLED_BY_OTHER) if somebody else disabled it, with
     * the reason in the cloud; FAILED_PRECONDITION (CLOUD_REFUSED) if the cloud refuses the call; ALREADY_EXISTS
     * (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"host": "compute-1", "scheduling": "HOST_SCHEDULING_DISABLED", "reason": "a broken fan", "request_id": "fan-2"}' &#92;
     *   localhost:7400 fermata.v1.HostService/SetHostScheduling
     * Callers: operators.
     * </pre>
     */
    default void setHostScheduling(dev.fermata.v1.SetHostSchedulingRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.SetHostSchedulingResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetHostSchedulingMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the state of all hosts and then every change of a host's state, until the client closes the stream. This includes
     * hosts that go down and come up again, scheduling that somebody else disables or enables, new hosts, and hosts that leave the
     * cloud. Fermata may miss a change that lasts less than 5 seconds and is not made by a session.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice. The snapshot with all later events applied is what
     * ListHosts lists.
     * Errors: INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE
     * (RESUME_TOKEN_EXPIRED) for one that is older than the events that are kept; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{}' localhost:7400 fermata.v1.HostService/WatchHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    default void watchHosts(dev.fermata.v1.WatchHostsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.WatchHostsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchHostsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service HostService.
   * <pre>
   * Compute hosts, for operators and infrastructure components.
   * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
   * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
   * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
   * disagree.
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
   * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
   * </pre>
   */
  public static abstract class HostServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return HostServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service HostService.
   * <pre>
   * Compute hosts, for operators and infrastructure components.
   * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
   * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
   * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
   * disagree.
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
   * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class HostServiceStub
      extends io.grpc.stub.AbstractAsyncStub<HostServiceStub> {
    private HostServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected HostServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new HostServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads one host: what the cloud reports about it, its state, and the session that holds it.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/GetHost
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public void getHost(dev.fermata.v1.GetHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetHostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetHostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists hosts by name, page by page (Doctor StateQuery). Hosts that left the cloud are not listed.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again. If the filter names states, a host that
     * changes between two pages may be missing from both. WatchHosts sends every change.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["HOST_STATE_DOWN"]}}' localhost:7400 &#92;
     *   fermata.v1.HostService/ListHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public void listHosts(dev.fermata.v1.ListHostsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListHostsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListHostsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the servers that are on a host now, by project and id: those that a drain of the host would affect.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again: a server that arrives or leaves between two
     * pages may be listed or not.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/ListHostServers
     * Callers: operators, auditors.
     * </pre>
     */
    public void listHostServers(dev.fermata.v1.ListHostServersRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListHostServersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListHostServersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks for one host to be emptied now (Doctor StateChangeRequest): creates a session for this host that starts at once. If
     * the host is not empty within `timeout`, it is enabled again.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the host in a session and is refused.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (WINDOW_INVALID) if `end_time` is too
     * early; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session has the host; ALREADY_EXISTS (REQUEST_ID_REUSED) if the
     * `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "a broken fan", "request_id": "fan-1"}' localhost:7400 &#92;
     *   fermata.v1.HostService/RequestHostMaintenance
     * Callers: operators.
     * </pre>
     */
    public void requestHostMaintenance(dev.fermata.v1.RequestHostMaintenanceRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.RequestHostMaintenanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRequestHostMaintenanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gives one host back after the work: CompleteHost on the active session that holds it.
     * With a `request_id` it may be repeated: the answer is the first one's. Without one, a second call changes nothing while the
     * host is being given back, and gives NOT_FOUND after that.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if no active session has the host; FAILED_PRECONDITION (WRONG_STATE) if the state of the
     * host in the session does not allow it; ALREADY_EXISTS (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "the fan turns"}' localhost:7400 &#92;
     *   fermata.v1.HostService/ReleaseHost
     * Callers: operators.
     * </pre>
     */
    public void releaseHost(dev.fermata.v1.ReleaseHostRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ReleaseHostResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReleaseHostMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Enables or disables the scheduling of one host, outside of sessions: a host that a session left disabled, or a host that must
     * take no more servers. Servers on the host stay there. The reason in the cloud is `fermata operator: ` and the given reason.
     * A host that Fermata disabled, in any session, can be enabled. A host that somebody else disabled stays disabled unless
     * `override_others` is set. May be repeated: a host that is already as requested stays so. The audit record is written before
     * the cloud is called; if the cloud refuses the call, the host stays as it was.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session
     * holds the host, with the calls that end that; FAILED_PRECONDITION (HOST_DISABLED_BY_OTHER) if somebody else disabled it, with
     * the reason in the cloud; FAILED_PRECONDITION (CLOUD_REFUSED) if the cloud refuses the call; ALREADY_EXISTS
     * (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"host": "compute-1", "scheduling": "HOST_SCHEDULING_DISABLED", "reason": "a broken fan", "request_id": "fan-2"}' &#92;
     *   localhost:7400 fermata.v1.HostService/SetHostScheduling
     * Callers: operators.
     * </pre>
     */
    public void setHostScheduling(dev.fermata.v1.SetHostSchedulingRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.SetHostSchedulingResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetHostSchedulingMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the state of all hosts and then every change of a host's state, until the client closes the stream. This includes
     * hosts that go down and come up again, scheduling that somebody else disables or enables, new hosts, and hosts that leave the
     * cloud. Fermata may miss a change that lasts less than 5 seconds and is not made by a session.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice. The snapshot with all later events applied is what
     * ListHosts lists.
     * Errors: INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE
     * (RESUME_TOKEN_EXPIRED) for one that is older than the events that are kept; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{}' localhost:7400 fermata.v1.HostService/WatchHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public void watchHosts(dev.fermata.v1.WatchHostsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.WatchHostsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchHostsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service HostService.
   * <pre>
   * Compute hosts, for operators and infrastructure components.
   * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
   * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
   * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
   * disagree.
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
   * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class HostServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<HostServiceBlockingV2Stub> {
    private HostServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected HostServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new HostServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads one host: what the cloud reports about it, its state, and the session that holds it.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/GetHost
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetHostResponse getHost(dev.fermata.v1.GetHostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists hosts by name, page by page (Doctor StateQuery). Hosts that left the cloud are not listed.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again. If the filter names states, a host that
     * changes between two pages may be missing from both. WatchHosts sends every change.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["HOST_STATE_DOWN"]}}' localhost:7400 &#92;
     *   fermata.v1.HostService/ListHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListHostsResponse listHosts(dev.fermata.v1.ListHostsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListHostsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the servers that are on a host now, by project and id: those that a drain of the host would affect.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again: a server that arrives or leaves between two
     * pages may be listed or not.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/ListHostServers
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListHostServersResponse listHostServers(dev.fermata.v1.ListHostServersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListHostServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks for one host to be emptied now (Doctor StateChangeRequest): creates a session for this host that starts at once. If
     * the host is not empty within `timeout`, it is enabled again.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the host in a session and is refused.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (WINDOW_INVALID) if `end_time` is too
     * early; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session has the host; ALREADY_EXISTS (REQUEST_ID_REUSED) if the
     * `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "a broken fan", "request_id": "fan-1"}' localhost:7400 &#92;
     *   fermata.v1.HostService/RequestHostMaintenance
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.RequestHostMaintenanceResponse requestHostMaintenance(dev.fermata.v1.RequestHostMaintenanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRequestHostMaintenanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gives one host back after the work: CompleteHost on the active session that holds it.
     * With a `request_id` it may be repeated: the answer is the first one's. Without one, a second call changes nothing while the
     * host is being given back, and gives NOT_FOUND after that.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if no active session has the host; FAILED_PRECONDITION (WRONG_STATE) if the state of the
     * host in the session does not allow it; ALREADY_EXISTS (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "the fan turns"}' localhost:7400 &#92;
     *   fermata.v1.HostService/ReleaseHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.ReleaseHostResponse releaseHost(dev.fermata.v1.ReleaseHostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReleaseHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enables or disables the scheduling of one host, outside of sessions: a host that a session left disabled, or a host that must
     * take no more servers. Servers on the host stay there. The reason in the cloud is `fermata operator: ` and the given reason.
     * A host that Fermata disabled, in any session, can be enabled. A host that somebody else disabled stays disabled unless
     * `override_others` is set. May be repeated: a host that is already as requested stays so. The audit record is written before
     * the cloud is called; if the cloud refuses the call, the host stays as it was.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session
     * holds the host, with the calls that end that; FAILED_PRECONDITION (HOST_DISABLED_BY_OTHER) if somebody else disabled it, with
     * the reason in the cloud; FAILED_PRECONDITION (CLOUD_REFUSED) if the cloud refuses the call; ALREADY_EXISTS
     * (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"host": "compute-1", "scheduling": "HOST_SCHEDULING_DISABLED", "reason": "a broken fan", "request_id": "fan-2"}' &#92;
     *   localhost:7400 fermata.v1.HostService/SetHostScheduling
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.SetHostSchedulingResponse setHostScheduling(dev.fermata.v1.SetHostSchedulingRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetHostSchedulingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the state of all hosts and then every change of a host's state, until the client closes the stream. This includes
     * hosts that go down and come up again, scheduling that somebody else disables or enables, new hosts, and hosts that leave the
     * cloud. Fermata may miss a change that lasts less than 5 seconds and is not made by a session.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice. The snapshot with all later events applied is what
     * ListHosts lists.
     * Errors: INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE
     * (RESUME_TOKEN_EXPIRED) for one that is older than the events that are kept; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{}' localhost:7400 fermata.v1.HostService/WatchHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.fermata.v1.WatchHostsResponse>
        watchHosts(dev.fermata.v1.WatchHostsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchHostsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service HostService.
   * <pre>
   * Compute hosts, for operators and infrastructure components.
   * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
   * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
   * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
   * disagree.
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
   * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class HostServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<HostServiceBlockingStub> {
    private HostServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected HostServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new HostServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads one host: what the cloud reports about it, its state, and the session that holds it.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/GetHost
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetHostResponse getHost(dev.fermata.v1.GetHostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists hosts by name, page by page (Doctor StateQuery). Hosts that left the cloud are not listed.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again. If the filter names states, a host that
     * changes between two pages may be missing from both. WatchHosts sends every change.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["HOST_STATE_DOWN"]}}' localhost:7400 &#92;
     *   fermata.v1.HostService/ListHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListHostsResponse listHosts(dev.fermata.v1.ListHostsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListHostsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the servers that are on a host now, by project and id: those that a drain of the host would affect.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again: a server that arrives or leaves between two
     * pages may be listed or not.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/ListHostServers
     * Callers: operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListHostServersResponse listHostServers(dev.fermata.v1.ListHostServersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListHostServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks for one host to be emptied now (Doctor StateChangeRequest): creates a session for this host that starts at once. If
     * the host is not empty within `timeout`, it is enabled again.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the host in a session and is refused.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (WINDOW_INVALID) if `end_time` is too
     * early; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session has the host; ALREADY_EXISTS (REQUEST_ID_REUSED) if the
     * `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "a broken fan", "request_id": "fan-1"}' localhost:7400 &#92;
     *   fermata.v1.HostService/RequestHostMaintenance
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.RequestHostMaintenanceResponse requestHostMaintenance(dev.fermata.v1.RequestHostMaintenanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRequestHostMaintenanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gives one host back after the work: CompleteHost on the active session that holds it.
     * With a `request_id` it may be repeated: the answer is the first one's. Without one, a second call changes nothing while the
     * host is being given back, and gives NOT_FOUND after that.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if no active session has the host; FAILED_PRECONDITION (WRONG_STATE) if the state of the
     * host in the session does not allow it; ALREADY_EXISTS (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "the fan turns"}' localhost:7400 &#92;
     *   fermata.v1.HostService/ReleaseHost
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.ReleaseHostResponse releaseHost(dev.fermata.v1.ReleaseHostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReleaseHostMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enables or disables the scheduling of one host, outside of sessions: a host that a session left disabled, or a host that must
     * take no more servers. Servers on the host stay there. The reason in the cloud is `fermata operator: ` and the given reason.
     * A host that Fermata disabled, in any session, can be enabled. A host that somebody else disabled stays disabled unless
     * `override_others` is set. May be repeated: a host that is already as requested stays so. The audit record is written before
     * the cloud is called; if the cloud refuses the call, the host stays as it was.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session
     * holds the host, with the calls that end that; FAILED_PRECONDITION (HOST_DISABLED_BY_OTHER) if somebody else disabled it, with
     * the reason in the cloud; FAILED_PRECONDITION (CLOUD_REFUSED) if the cloud refuses the call; ALREADY_EXISTS
     * (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"host": "compute-1", "scheduling": "HOST_SCHEDULING_DISABLED", "reason": "a broken fan", "request_id": "fan-2"}' &#92;
     *   localhost:7400 fermata.v1.HostService/SetHostScheduling
     * Callers: operators.
     * </pre>
     */
    public dev.fermata.v1.SetHostSchedulingResponse setHostScheduling(dev.fermata.v1.SetHostSchedulingRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetHostSchedulingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the state of all hosts and then every change of a host's state, until the client closes the stream. This includes
     * hosts that go down and come up again, scheduling that somebody else disables or enables, new hosts, and hosts that leave the
     * cloud. Fermata may miss a change that lasts less than 5 seconds and is not made by a session.
     * Changes nothing. After the stream has ended, call again with the last `resume_token`. The new stream goes on after the
     * message that carried the token: no event is lost, and none comes twice. The snapshot with all later events applied is what
     * ListHosts lists.
     * Errors: INVALID_ARGUMENT (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE
     * (RESUME_TOKEN_EXPIRED) for one that is older than the events that are kept; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token, begin with a snapshot. After RESOURCE_EXHAUSTED, call again later.
     * Example: grpcurl -plaintext -d '{}' localhost:7400 fermata.v1.HostService/WatchHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public java.util.Iterator<dev.fermata.v1.WatchHostsResponse> watchHosts(
        dev.fermata.v1.WatchHostsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchHostsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service HostService.
   * <pre>
   * Compute hosts, for operators and infrastructure components.
   * The state of a host follows from what the cloud reports and from what sessions do with the host. GetHost, ListHosts and the
   * snapshot of WatchHosts read the cloud, and may use what was read within the last 4 seconds. Fermata also reads the cloud every
   * 5 seconds. When a read finds a change, Fermata first sends it to every watcher and then answers. So lists and events never
   * disagree.
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED).
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the cloud or the database does not answer, a
   * method gives UNAVAILABLE (CLOUD_UNAVAILABLE, STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class HostServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<HostServiceFutureStub> {
    private HostServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected HostServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new HostServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads one host: what the cloud reports about it, its state, and the session that holds it.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/GetHost
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetHostResponse> getHost(
        dev.fermata.v1.GetHostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetHostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists hosts by name, page by page (Doctor StateQuery). Hosts that left the cloud are not listed.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again. If the filter names states, a host that
     * changes between two pages may be missing from both. WatchHosts sends every change.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"filter": {"states": ["HOST_STATE_DOWN"]}}' localhost:7400 &#92;
     *   fermata.v1.HostService/ListHosts
     * Callers: operators, monitors, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListHostsResponse> listHosts(
        dev.fermata.v1.ListHostsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListHostsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the servers that are on a host now, by project and id: those that a drain of the host would affect.
     * Changes nothing, and may be repeated at will. Each page reads the cloud again: a server that arrives or leaves between two
     * pages may be listed or not.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of
     * another list.
     * Example: grpcurl -plaintext -d '{"host": "compute-1"}' localhost:7400 fermata.v1.HostService/ListHostServers
     * Callers: operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListHostServersResponse> listHostServers(
        dev.fermata.v1.ListHostServersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListHostServersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks for one host to be emptied now (Doctor StateChangeRequest): creates a session for this host that starts at once. If
     * the host is not empty within `timeout`, it is enabled again.
     * With a `request_id` it may be repeated: the answer is the first one's, and no second session is created. Without one, a
     * second call finds the host in a session and is refused.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; INVALID_ARGUMENT (WINDOW_INVALID) if `end_time` is too
     * early; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session has the host; ALREADY_EXISTS (REQUEST_ID_REUSED) if the
     * `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "a broken fan", "request_id": "fan-1"}' localhost:7400 &#92;
     *   fermata.v1.HostService/RequestHostMaintenance
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.RequestHostMaintenanceResponse> requestHostMaintenance(
        dev.fermata.v1.RequestHostMaintenanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRequestHostMaintenanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gives one host back after the work: CompleteHost on the active session that holds it.
     * With a `request_id` it may be repeated: the answer is the first one's. Without one, a second call changes nothing while the
     * host is being given back, and gives NOT_FOUND after that.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if no active session has the host; FAILED_PRECONDITION (WRONG_STATE) if the state of the
     * host in the session does not allow it; ALREADY_EXISTS (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext -d '{"host": "compute-1", "reason": "the fan turns"}' localhost:7400 &#92;
     *   fermata.v1.HostService/ReleaseHost
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ReleaseHostResponse> releaseHost(
        dev.fermata.v1.ReleaseHostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReleaseHostMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Enables or disables the scheduling of one host, outside of sessions: a host that a session left disabled, or a host that must
     * take no more servers. Servers on the host stay there. The reason in the cloud is `fermata operator: ` and the given reason.
     * A host that Fermata disabled, in any session, can be enabled. A host that somebody else disabled stays disabled unless
     * `override_others` is set. May be repeated: a host that is already as requested stays so. The audit record is written before
     * the cloud is called; if the cloud refuses the call, the host stays as it was.
     * Errors: NOT_FOUND (HOST_NOT_FOUND) if the cloud lists no such host; FAILED_PRECONDITION (HOST_IN_SESSION) if an active session
     * holds the host, with the calls that end that; FAILED_PRECONDITION (HOST_DISABLED_BY_OTHER) if somebody else disabled it, with
     * the reason in the cloud; FAILED_PRECONDITION (CLOUD_REFUSED) if the cloud refuses the call; ALREADY_EXISTS
     * (REQUEST_ID_REUSED) if the `request_id` was used with another request.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"host": "compute-1", "scheduling": "HOST_SCHEDULING_DISABLED", "reason": "a broken fan", "request_id": "fan-2"}' &#92;
     *   localhost:7400 fermata.v1.HostService/SetHostScheduling
     * Callers: operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.SetHostSchedulingResponse> setHostScheduling(
        dev.fermata.v1.SetHostSchedulingRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetHostSchedulingMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_HOST = 0;
  private static final int METHODID_LIST_HOSTS = 1;
  private static final int METHODID_LIST_HOST_SERVERS = 2;
  private static final int METHODID_REQUEST_HOST_MAINTENANCE = 3;
  private static final int METHODID_RELEASE_HOST = 4;
  private static final int METHODID_SET_HOST_SCHEDULING = 5;
  private static final int METHODID_WATCH_HOSTS = 6;

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
        case METHODID_GET_HOST:
          serviceImpl.getHost((dev.fermata.v1.GetHostRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetHostResponse>) responseObserver);
          break;
        case METHODID_LIST_HOSTS:
          serviceImpl.listHosts((dev.fermata.v1.ListHostsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListHostsResponse>) responseObserver);
          break;
        case METHODID_LIST_HOST_SERVERS:
          serviceImpl.listHostServers((dev.fermata.v1.ListHostServersRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListHostServersResponse>) responseObserver);
          break;
        case METHODID_REQUEST_HOST_MAINTENANCE:
          serviceImpl.requestHostMaintenance((dev.fermata.v1.RequestHostMaintenanceRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.RequestHostMaintenanceResponse>) responseObserver);
          break;
        case METHODID_RELEASE_HOST:
          serviceImpl.releaseHost((dev.fermata.v1.ReleaseHostRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ReleaseHostResponse>) responseObserver);
          break;
        case METHODID_SET_HOST_SCHEDULING:
          serviceImpl.setHostScheduling((dev.fermata.v1.SetHostSchedulingRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.SetHostSchedulingResponse>) responseObserver);
          break;
        case METHODID_WATCH_HOSTS:
          serviceImpl.watchHosts((dev.fermata.v1.WatchHostsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.WatchHostsResponse>) responseObserver);
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
          getGetHostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetHostRequest,
              dev.fermata.v1.GetHostResponse>(
                service, METHODID_GET_HOST)))
        .addMethod(
          getListHostsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListHostsRequest,
              dev.fermata.v1.ListHostsResponse>(
                service, METHODID_LIST_HOSTS)))
        .addMethod(
          getListHostServersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListHostServersRequest,
              dev.fermata.v1.ListHostServersResponse>(
                service, METHODID_LIST_HOST_SERVERS)))
        .addMethod(
          getRequestHostMaintenanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.RequestHostMaintenanceRequest,
              dev.fermata.v1.RequestHostMaintenanceResponse>(
                service, METHODID_REQUEST_HOST_MAINTENANCE)))
        .addMethod(
          getReleaseHostMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ReleaseHostRequest,
              dev.fermata.v1.ReleaseHostResponse>(
                service, METHODID_RELEASE_HOST)))
        .addMethod(
          getSetHostSchedulingMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.SetHostSchedulingRequest,
              dev.fermata.v1.SetHostSchedulingResponse>(
                service, METHODID_SET_HOST_SCHEDULING)))
        .addMethod(
          getWatchHostsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.fermata.v1.WatchHostsRequest,
              dev.fermata.v1.WatchHostsResponse>(
                service, METHODID_WATCH_HOSTS)))
        .build();
  }

  private static abstract class HostServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    HostServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.fermata.v1.HostServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("HostService");
    }
  }

  private static final class HostServiceFileDescriptorSupplier
      extends HostServiceBaseDescriptorSupplier {
    HostServiceFileDescriptorSupplier() {}
  }

  private static final class HostServiceMethodDescriptorSupplier
      extends HostServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    HostServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (HostServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new HostServiceFileDescriptorSupplier())
              .addMethod(getGetHostMethod())
              .addMethod(getListHostsMethod())
              .addMethod(getListHostServersMethod())
              .addMethod(getRequestHostMaintenanceMethod())
              .addMethod(getReleaseHostMethod())
              .addMethod(getSetHostSchedulingMethod())
              .addMethod(getWatchHostsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
