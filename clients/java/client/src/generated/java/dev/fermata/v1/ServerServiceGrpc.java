package dev.fermata.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
 * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
 * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
 * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ServerServiceGrpc {

  private ServerServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "fermata.v1.ServerService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetServerInfoRequest,
      dev.fermata.v1.GetServerInfoResponse> getGetServerInfoMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetServerInfo",
      requestType = dev.fermata.v1.GetServerInfoRequest.class,
      responseType = dev.fermata.v1.GetServerInfoResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetServerInfoRequest,
      dev.fermata.v1.GetServerInfoResponse> getGetServerInfoMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetServerInfoRequest, dev.fermata.v1.GetServerInfoResponse> getGetServerInfoMethod;
    if ((getGetServerInfoMethod = ServerServiceGrpc.getGetServerInfoMethod) == null) {
      synchronized (ServerServiceGrpc.class) {
        if ((getGetServerInfoMethod = ServerServiceGrpc.getGetServerInfoMethod) == null) {
          ServerServiceGrpc.getGetServerInfoMethod = getGetServerInfoMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetServerInfoRequest, dev.fermata.v1.GetServerInfoResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetServerInfo"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetServerInfoRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetServerInfoResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ServerServiceMethodDescriptorSupplier("GetServerInfo"))
              .build();
        }
      }
    }
    return getGetServerInfoMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListProjectsRequest,
      dev.fermata.v1.ListProjectsResponse> getListProjectsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListProjects",
      requestType = dev.fermata.v1.ListProjectsRequest.class,
      responseType = dev.fermata.v1.ListProjectsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListProjectsRequest,
      dev.fermata.v1.ListProjectsResponse> getListProjectsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListProjectsRequest, dev.fermata.v1.ListProjectsResponse> getListProjectsMethod;
    if ((getListProjectsMethod = ServerServiceGrpc.getListProjectsMethod) == null) {
      synchronized (ServerServiceGrpc.class) {
        if ((getListProjectsMethod = ServerServiceGrpc.getListProjectsMethod) == null) {
          ServerServiceGrpc.getListProjectsMethod = getListProjectsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListProjectsRequest, dev.fermata.v1.ListProjectsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListProjects"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListProjectsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListProjectsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ServerServiceMethodDescriptorSupplier("ListProjects"))
              .build();
        }
      }
    }
    return getListProjectsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ServerServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ServerServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ServerServiceStub>() {
        @java.lang.Override
        public ServerServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ServerServiceStub(channel, callOptions);
        }
      };
    return ServerServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ServerServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ServerServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ServerServiceBlockingV2Stub>() {
        @java.lang.Override
        public ServerServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ServerServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ServerServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ServerServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ServerServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ServerServiceBlockingStub>() {
        @java.lang.Override
        public ServerServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ServerServiceBlockingStub(channel, callOptions);
        }
      };
    return ServerServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ServerServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ServerServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ServerServiceFutureStub>() {
        @java.lang.Override
        public ServerServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ServerServiceFutureStub(channel, callOptions);
        }
      };
    return ServerServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
   * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
   * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
   * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Describes the process that answers: its release, its cloud and its database, and the name and role of the caller.
     * Changes nothing, and may be repeated at will.
     * Errors: those of every method of this service.
     * Example: grpcurl -plaintext localhost:7400 fermata.v1.ServerService/GetServerInfo
     * Callers: operators, auditors, administrators, monitors, owners.
     * </pre>
     */
    default void getServerInfo(dev.fermata.v1.GetServerInfoRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerInfoResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServerInfoMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists projects of the cloud with their names, by id: all projects, or those with the given ids or names. Owners see their own
     * projects only. Projects that the cloud does not show to Fermata's credentials are missing; `notes` then says so.
     * Changes nothing, and may be repeated at will. A name may be up to 5 minutes old.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"names": ["ims"]}' localhost:7400 fermata.v1.ServerService/ListProjects
     * Callers: operators, auditors, owners.
     * </pre>
     */
    default void listProjects(dev.fermata.v1.ListProjectsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListProjectsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListProjectsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ServerService.
   * <pre>
   * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
   * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
   * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
   * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
   * </pre>
   */
  public static abstract class ServerServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ServerServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ServerService.
   * <pre>
   * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
   * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
   * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
   * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
   * </pre>
   */
  public static final class ServerServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ServerServiceStub> {
    private ServerServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ServerServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ServerServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Describes the process that answers: its release, its cloud and its database, and the name and role of the caller.
     * Changes nothing, and may be repeated at will.
     * Errors: those of every method of this service.
     * Example: grpcurl -plaintext localhost:7400 fermata.v1.ServerService/GetServerInfo
     * Callers: operators, auditors, administrators, monitors, owners.
     * </pre>
     */
    public void getServerInfo(dev.fermata.v1.GetServerInfoRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerInfoResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServerInfoMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists projects of the cloud with their names, by id: all projects, or those with the given ids or names. Owners see their own
     * projects only. Projects that the cloud does not show to Fermata's credentials are missing; `notes` then says so.
     * Changes nothing, and may be repeated at will. A name may be up to 5 minutes old.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"names": ["ims"]}' localhost:7400 fermata.v1.ServerService/ListProjects
     * Callers: operators, auditors, owners.
     * </pre>
     */
    public void listProjects(dev.fermata.v1.ListProjectsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListProjectsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListProjectsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ServerService.
   * <pre>
   * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
   * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
   * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
   * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
   * </pre>
   */
  public static final class ServerServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ServerServiceBlockingV2Stub> {
    private ServerServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ServerServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ServerServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Describes the process that answers: its release, its cloud and its database, and the name and role of the caller.
     * Changes nothing, and may be repeated at will.
     * Errors: those of every method of this service.
     * Example: grpcurl -plaintext localhost:7400 fermata.v1.ServerService/GetServerInfo
     * Callers: operators, auditors, administrators, monitors, owners.
     * </pre>
     */
    public dev.fermata.v1.GetServerInfoResponse getServerInfo(dev.fermata.v1.GetServerInfoRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServerInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists projects of the cloud with their names, by id: all projects, or those with the given ids or names. Owners see their own
     * projects only. Projects that the cloud does not show to Fermata's credentials are missing; `notes` then says so.
     * Changes nothing, and may be repeated at will. A name may be up to 5 minutes old.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"names": ["ims"]}' localhost:7400 fermata.v1.ServerService/ListProjects
     * Callers: operators, auditors, owners.
     * </pre>
     */
    public dev.fermata.v1.ListProjectsResponse listProjects(dev.fermata.v1.ListProjectsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListProjectsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ServerService.
   * <pre>
   * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
   * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
   * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
   * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
   * </pre>
   */
  public static final class ServerServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ServerServiceBlockingStub> {
    private ServerServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ServerServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ServerServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Describes the process that answers: its release, its cloud and its database, and the name and role of the caller.
     * Changes nothing, and may be repeated at will.
     * Errors: those of every method of this service.
     * Example: grpcurl -plaintext localhost:7400 fermata.v1.ServerService/GetServerInfo
     * Callers: operators, auditors, administrators, monitors, owners.
     * </pre>
     */
    public dev.fermata.v1.GetServerInfoResponse getServerInfo(dev.fermata.v1.GetServerInfoRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServerInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists projects of the cloud with their names, by id: all projects, or those with the given ids or names. Owners see their own
     * projects only. Projects that the cloud does not show to Fermata's credentials are missing; `notes` then says so.
     * Changes nothing, and may be repeated at will. A name may be up to 5 minutes old.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"names": ["ims"]}' localhost:7400 fermata.v1.ServerService/ListProjects
     * Callers: operators, auditors, owners.
     * </pre>
     */
    public dev.fermata.v1.ListProjectsResponse listProjects(dev.fermata.v1.ListProjectsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListProjectsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ServerService.
   * <pre>
   * What a server of Fermata is. Here a server is a process of Fermata, not a server of an owner.
   * A call without a credential gives UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has
   * expired gives UNAUTHENTICATED (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without any role gets PERMISSION_DENIED
   * (ROLE_REQUIRED). While a server starts, the method gives UNAVAILABLE (STARTING).
   * </pre>
   */
  public static final class ServerServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ServerServiceFutureStub> {
    private ServerServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ServerServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ServerServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Describes the process that answers: its release, its cloud and its database, and the name and role of the caller.
     * Changes nothing, and may be repeated at will.
     * Errors: those of every method of this service.
     * Example: grpcurl -plaintext localhost:7400 fermata.v1.ServerService/GetServerInfo
     * Callers: operators, auditors, administrators, monitors, owners.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetServerInfoResponse> getServerInfo(
        dev.fermata.v1.GetServerInfoRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServerInfoMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists projects of the cloud with their names, by id: all projects, or those with the given ids or names. Owners see their own
     * projects only. Projects that the cloud does not show to Fermata's credentials are missing; `notes` then says so.
     * Changes nothing, and may be repeated at will. A name may be up to 5 minutes old.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"names": ["ims"]}' localhost:7400 fermata.v1.ServerService/ListProjects
     * Callers: operators, auditors, owners.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListProjectsResponse> listProjects(
        dev.fermata.v1.ListProjectsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListProjectsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_SERVER_INFO = 0;
  private static final int METHODID_LIST_PROJECTS = 1;

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
        case METHODID_GET_SERVER_INFO:
          serviceImpl.getServerInfo((dev.fermata.v1.GetServerInfoRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerInfoResponse>) responseObserver);
          break;
        case METHODID_LIST_PROJECTS:
          serviceImpl.listProjects((dev.fermata.v1.ListProjectsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListProjectsResponse>) responseObserver);
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
          getGetServerInfoMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetServerInfoRequest,
              dev.fermata.v1.GetServerInfoResponse>(
                service, METHODID_GET_SERVER_INFO)))
        .addMethod(
          getListProjectsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListProjectsRequest,
              dev.fermata.v1.ListProjectsResponse>(
                service, METHODID_LIST_PROJECTS)))
        .build();
  }

  private static abstract class ServerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ServerServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.fermata.v1.ServerServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ServerService");
    }
  }

  private static final class ServerServiceFileDescriptorSupplier
      extends ServerServiceBaseDescriptorSupplier {
    ServerServiceFileDescriptorSupplier() {}
  }

  private static final class ServerServiceMethodDescriptorSupplier
      extends ServerServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ServerServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ServerServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ServerServiceFileDescriptorSupplier())
              .addMethod(getGetServerInfoMethod())
              .addMethod(getListProjectsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
