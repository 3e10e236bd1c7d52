package dev.fermata.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
 * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
 * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
 * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
 * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
 * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
 * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
 * `--request-retention` sets (7 days).
 * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
 * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
 * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
 * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
 * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
 * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
 * UNAVAILABLE (STORE_UNAVAILABLE).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class PolicyServiceGrpc {

  private PolicyServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "fermata.v1.PolicyService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetServerPolicyRequest,
      dev.fermata.v1.GetServerPolicyResponse> getGetServerPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetServerPolicy",
      requestType = dev.fermata.v1.GetServerPolicyRequest.class,
      responseType = dev.fermata.v1.GetServerPolicyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetServerPolicyRequest,
      dev.fermata.v1.GetServerPolicyResponse> getGetServerPolicyMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetServerPolicyRequest, dev.fermata.v1.GetServerPolicyResponse> getGetServerPolicyMethod;
    if ((getGetServerPolicyMethod = PolicyServiceGrpc.getGetServerPolicyMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getGetServerPolicyMethod = PolicyServiceGrpc.getGetServerPolicyMethod) == null) {
          PolicyServiceGrpc.getGetServerPolicyMethod = getGetServerPolicyMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetServerPolicyRequest, dev.fermata.v1.GetServerPolicyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetServerPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetServerPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetServerPolicyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("GetServerPolicy"))
              .build();
        }
      }
    }
    return getGetServerPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListServerPoliciesRequest,
      dev.fermata.v1.ListServerPoliciesResponse> getListServerPoliciesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListServerPolicies",
      requestType = dev.fermata.v1.ListServerPoliciesRequest.class,
      responseType = dev.fermata.v1.ListServerPoliciesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListServerPoliciesRequest,
      dev.fermata.v1.ListServerPoliciesResponse> getListServerPoliciesMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListServerPoliciesRequest, dev.fermata.v1.ListServerPoliciesResponse> getListServerPoliciesMethod;
    if ((getListServerPoliciesMethod = PolicyServiceGrpc.getListServerPoliciesMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getListServerPoliciesMethod = PolicyServiceGrpc.getListServerPoliciesMethod) == null) {
          PolicyServiceGrpc.getListServerPoliciesMethod = getListServerPoliciesMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListServerPoliciesRequest, dev.fermata.v1.ListServerPoliciesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListServerPolicies"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListServerPoliciesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListServerPoliciesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("ListServerPolicies"))
              .build();
        }
      }
    }
    return getListServerPoliciesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.PutServerPolicyRequest,
      dev.fermata.v1.PutServerPolicyResponse> getPutServerPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutServerPolicy",
      requestType = dev.fermata.v1.PutServerPolicyRequest.class,
      responseType = dev.fermata.v1.PutServerPolicyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.PutServerPolicyRequest,
      dev.fermata.v1.PutServerPolicyResponse> getPutServerPolicyMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.PutServerPolicyRequest, dev.fermata.v1.PutServerPolicyResponse> getPutServerPolicyMethod;
    if ((getPutServerPolicyMethod = PolicyServiceGrpc.getPutServerPolicyMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getPutServerPolicyMethod = PolicyServiceGrpc.getPutServerPolicyMethod) == null) {
          PolicyServiceGrpc.getPutServerPolicyMethod = getPutServerPolicyMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.PutServerPolicyRequest, dev.fermata.v1.PutServerPolicyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutServerPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PutServerPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PutServerPolicyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("PutServerPolicy"))
              .build();
        }
      }
    }
    return getPutServerPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.DeleteServerPolicyRequest,
      dev.fermata.v1.DeleteServerPolicyResponse> getDeleteServerPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteServerPolicy",
      requestType = dev.fermata.v1.DeleteServerPolicyRequest.class,
      responseType = dev.fermata.v1.DeleteServerPolicyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.DeleteServerPolicyRequest,
      dev.fermata.v1.DeleteServerPolicyResponse> getDeleteServerPolicyMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.DeleteServerPolicyRequest, dev.fermata.v1.DeleteServerPolicyResponse> getDeleteServerPolicyMethod;
    if ((getDeleteServerPolicyMethod = PolicyServiceGrpc.getDeleteServerPolicyMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getDeleteServerPolicyMethod = PolicyServiceGrpc.getDeleteServerPolicyMethod) == null) {
          PolicyServiceGrpc.getDeleteServerPolicyMethod = getDeleteServerPolicyMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.DeleteServerPolicyRequest, dev.fermata.v1.DeleteServerPolicyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteServerPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteServerPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteServerPolicyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("DeleteServerPolicy"))
              .build();
        }
      }
    }
    return getDeleteServerPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetServerGroupRequest,
      dev.fermata.v1.GetServerGroupResponse> getGetServerGroupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetServerGroup",
      requestType = dev.fermata.v1.GetServerGroupRequest.class,
      responseType = dev.fermata.v1.GetServerGroupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetServerGroupRequest,
      dev.fermata.v1.GetServerGroupResponse> getGetServerGroupMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetServerGroupRequest, dev.fermata.v1.GetServerGroupResponse> getGetServerGroupMethod;
    if ((getGetServerGroupMethod = PolicyServiceGrpc.getGetServerGroupMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getGetServerGroupMethod = PolicyServiceGrpc.getGetServerGroupMethod) == null) {
          PolicyServiceGrpc.getGetServerGroupMethod = getGetServerGroupMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetServerGroupRequest, dev.fermata.v1.GetServerGroupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetServerGroup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetServerGroupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetServerGroupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("GetServerGroup"))
              .build();
        }
      }
    }
    return getGetServerGroupMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListServerGroupsRequest,
      dev.fermata.v1.ListServerGroupsResponse> getListServerGroupsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListServerGroups",
      requestType = dev.fermata.v1.ListServerGroupsRequest.class,
      responseType = dev.fermata.v1.ListServerGroupsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListServerGroupsRequest,
      dev.fermata.v1.ListServerGroupsResponse> getListServerGroupsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListServerGroupsRequest, dev.fermata.v1.ListServerGroupsResponse> getListServerGroupsMethod;
    if ((getListServerGroupsMethod = PolicyServiceGrpc.getListServerGroupsMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getListServerGroupsMethod = PolicyServiceGrpc.getListServerGroupsMethod) == null) {
          PolicyServiceGrpc.getListServerGroupsMethod = getListServerGroupsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListServerGroupsRequest, dev.fermata.v1.ListServerGroupsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListServerGroups"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListServerGroupsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListServerGroupsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("ListServerGroups"))
              .build();
        }
      }
    }
    return getListServerGroupsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.PutServerGroupRequest,
      dev.fermata.v1.PutServerGroupResponse> getPutServerGroupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutServerGroup",
      requestType = dev.fermata.v1.PutServerGroupRequest.class,
      responseType = dev.fermata.v1.PutServerGroupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.PutServerGroupRequest,
      dev.fermata.v1.PutServerGroupResponse> getPutServerGroupMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.PutServerGroupRequest, dev.fermata.v1.PutServerGroupResponse> getPutServerGroupMethod;
    if ((getPutServerGroupMethod = PolicyServiceGrpc.getPutServerGroupMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getPutServerGroupMethod = PolicyServiceGrpc.getPutServerGroupMethod) == null) {
          PolicyServiceGrpc.getPutServerGroupMethod = getPutServerGroupMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.PutServerGroupRequest, dev.fermata.v1.PutServerGroupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutServerGroup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PutServerGroupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PutServerGroupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("PutServerGroup"))
              .build();
        }
      }
    }
    return getPutServerGroupMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.DeleteServerGroupRequest,
      dev.fermata.v1.DeleteServerGroupResponse> getDeleteServerGroupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteServerGroup",
      requestType = dev.fermata.v1.DeleteServerGroupRequest.class,
      responseType = dev.fermata.v1.DeleteServerGroupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.DeleteServerGroupRequest,
      dev.fermata.v1.DeleteServerGroupResponse> getDeleteServerGroupMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.DeleteServerGroupRequest, dev.fermata.v1.DeleteServerGroupResponse> getDeleteServerGroupMethod;
    if ((getDeleteServerGroupMethod = PolicyServiceGrpc.getDeleteServerGroupMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getDeleteServerGroupMethod = PolicyServiceGrpc.getDeleteServerGroupMethod) == null) {
          PolicyServiceGrpc.getDeleteServerGroupMethod = getDeleteServerGroupMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.DeleteServerGroupRequest, dev.fermata.v1.DeleteServerGroupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteServerGroup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteServerGroupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteServerGroupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("DeleteServerGroup"))
              .build();
        }
      }
    }
    return getDeleteServerGroupMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static PolicyServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceStub>() {
        @java.lang.Override
        public PolicyServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceStub(channel, callOptions);
        }
      };
    return PolicyServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static PolicyServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingV2Stub>() {
        @java.lang.Override
        public PolicyServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return PolicyServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static PolicyServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingStub>() {
        @java.lang.Override
        public PolicyServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceBlockingStub(channel, callOptions);
        }
      };
    return PolicyServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static PolicyServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceFutureStub>() {
        @java.lang.Override
        public PolicyServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceFutureStub(channel, callOptions);
        }
      };
    return PolicyServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
   * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
   * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
   * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Reads the stored policy of a server, and the policy that applies to it.
     * Changes nothing, and may be repeated at will. While the cloud does not answer, the server's metadata is left out.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if no policy applies to the server; UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud
     * does not answer and no stored policy applies to the server.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerPolicy
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void getServerPolicy(dev.fermata.v1.GetServerPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerPolicyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServerPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the policies of servers, by project and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerPolicies
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void listServerPolicies(dev.fermata.v1.ListServerPoliciesRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListServerPoliciesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListServerPoliciesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates or replaces the policy of a server, as a whole.
     * The server need not exist yet; then the response has a warning. A name in the place of an id is refused if a server of the
     * project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the policy exists; NOT_FOUND (POLICY_NOT_FOUND)
     * if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"server_policy": {"project_id": "core", "server_id": "4f1e", "policy": {"lead_time": "60s"}}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    default void putServerPolicy(dev.fermata.v1.PutServerPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PutServerPolicyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutServerPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes the policy of a server.
     * With a `request_id` it may be repeated. Without one, a second call finds no policy.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if the server has no stored policy.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e", "request_id": "7"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    default void deleteServerPolicy(dev.fermata.v1.DeleteServerPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteServerPolicyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteServerPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a group.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerGroup
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void getServerGroup(dev.fermata.v1.GetServerGroupRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerGroupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServerGroupMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists groups, by project and id. Groups that servers name in their metadata are not stored, and so not listed.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerGroups
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void listServerGroups(dev.fermata.v1.ListServerGroupsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListServerGroupsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListServerGroupsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates or replaces a group, as a whole.
     * Members and the cloud's server group need not exist yet; then the response has a warning. A name in the place of an id is
     * refused if a server of the project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the group exists; NOT_FOUND
     * (SERVER_GROUP_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext -d '{"server_group": {"project_id": "core", "id": "amf", "member_ids": ["4f1e", "9c20"]}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    default void putServerGroup(dev.fermata.v1.PutServerGroupRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PutServerGroupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutServerGroupMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a group. Its servers stay.
     * With a `request_id` it may be repeated. Without one, a second call finds no group.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf", "request_id": "8"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    default void deleteServerGroup(dev.fermata.v1.DeleteServerGroupRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteServerGroupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteServerGroupMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service PolicyService.
   * <pre>
   * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
   * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
   * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
   * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static abstract class PolicyServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return PolicyServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service PolicyService.
   * <pre>
   * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
   * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
   * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
   * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class PolicyServiceStub
      extends io.grpc.stub.AbstractAsyncStub<PolicyServiceStub> {
    private PolicyServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads the stored policy of a server, and the policy that applies to it.
     * Changes nothing, and may be repeated at will. While the cloud does not answer, the server's metadata is left out.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if no policy applies to the server; UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud
     * does not answer and no stored policy applies to the server.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerPolicy
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void getServerPolicy(dev.fermata.v1.GetServerPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerPolicyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServerPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the policies of servers, by project and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerPolicies
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void listServerPolicies(dev.fermata.v1.ListServerPoliciesRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListServerPoliciesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListServerPoliciesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates or replaces the policy of a server, as a whole.
     * The server need not exist yet; then the response has a warning. A name in the place of an id is refused if a server of the
     * project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the policy exists; NOT_FOUND (POLICY_NOT_FOUND)
     * if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"server_policy": {"project_id": "core", "server_id": "4f1e", "policy": {"lead_time": "60s"}}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public void putServerPolicy(dev.fermata.v1.PutServerPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PutServerPolicyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutServerPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes the policy of a server.
     * With a `request_id` it may be repeated. Without one, a second call finds no policy.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if the server has no stored policy.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e", "request_id": "7"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public void deleteServerPolicy(dev.fermata.v1.DeleteServerPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteServerPolicyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteServerPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a group.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerGroup
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void getServerGroup(dev.fermata.v1.GetServerGroupRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerGroupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServerGroupMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists groups, by project and id. Groups that servers name in their metadata are not stored, and so not listed.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerGroups
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void listServerGroups(dev.fermata.v1.ListServerGroupsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListServerGroupsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListServerGroupsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates or replaces a group, as a whole.
     * Members and the cloud's server group need not exist yet; then the response has a warning. A name in the place of an id is
     * refused if a server of the project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the group exists; NOT_FOUND
     * (SERVER_GROUP_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext -d '{"server_group": {"project_id": "core", "id": "amf", "member_ids": ["4f1e", "9c20"]}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public void putServerGroup(dev.fermata.v1.PutServerGroupRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PutServerGroupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutServerGroupMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a group. Its servers stay.
     * With a `request_id` it may be repeated. Without one, a second call finds no group.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf", "request_id": "8"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public void deleteServerGroup(dev.fermata.v1.DeleteServerGroupRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteServerGroupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteServerGroupMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service PolicyService.
   * <pre>
   * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
   * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
   * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
   * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class PolicyServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<PolicyServiceBlockingV2Stub> {
    private PolicyServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads the stored policy of a server, and the policy that applies to it.
     * Changes nothing, and may be repeated at will. While the cloud does not answer, the server's metadata is left out.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if no policy applies to the server; UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud
     * does not answer and no stored policy applies to the server.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerPolicy
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetServerPolicyResponse getServerPolicy(dev.fermata.v1.GetServerPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServerPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the policies of servers, by project and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerPolicies
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListServerPoliciesResponse listServerPolicies(dev.fermata.v1.ListServerPoliciesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListServerPoliciesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates or replaces the policy of a server, as a whole.
     * The server need not exist yet; then the response has a warning. A name in the place of an id is refused if a server of the
     * project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the policy exists; NOT_FOUND (POLICY_NOT_FOUND)
     * if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"server_policy": {"project_id": "core", "server_id": "4f1e", "policy": {"lead_time": "60s"}}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.PutServerPolicyResponse putServerPolicy(dev.fermata.v1.PutServerPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutServerPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes the policy of a server.
     * With a `request_id` it may be repeated. Without one, a second call finds no policy.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if the server has no stored policy.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e", "request_id": "7"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.DeleteServerPolicyResponse deleteServerPolicy(dev.fermata.v1.DeleteServerPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteServerPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a group.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerGroup
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetServerGroupResponse getServerGroup(dev.fermata.v1.GetServerGroupRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServerGroupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists groups, by project and id. Groups that servers name in their metadata are not stored, and so not listed.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerGroups
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListServerGroupsResponse listServerGroups(dev.fermata.v1.ListServerGroupsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListServerGroupsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates or replaces a group, as a whole.
     * Members and the cloud's server group need not exist yet; then the response has a warning. A name in the place of an id is
     * refused if a server of the project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the group exists; NOT_FOUND
     * (SERVER_GROUP_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext -d '{"server_group": {"project_id": "core", "id": "amf", "member_ids": ["4f1e", "9c20"]}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.PutServerGroupResponse putServerGroup(dev.fermata.v1.PutServerGroupRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutServerGroupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a group. Its servers stay.
     * With a `request_id` it may be repeated. Without one, a second call finds no group.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf", "request_id": "8"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.DeleteServerGroupResponse deleteServerGroup(dev.fermata.v1.DeleteServerGroupRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteServerGroupMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service PolicyService.
   * <pre>
   * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
   * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
   * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
   * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class PolicyServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<PolicyServiceBlockingStub> {
    private PolicyServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads the stored policy of a server, and the policy that applies to it.
     * Changes nothing, and may be repeated at will. While the cloud does not answer, the server's metadata is left out.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if no policy applies to the server; UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud
     * does not answer and no stored policy applies to the server.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerPolicy
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetServerPolicyResponse getServerPolicy(dev.fermata.v1.GetServerPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServerPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the policies of servers, by project and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerPolicies
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListServerPoliciesResponse listServerPolicies(dev.fermata.v1.ListServerPoliciesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListServerPoliciesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates or replaces the policy of a server, as a whole.
     * The server need not exist yet; then the response has a warning. A name in the place of an id is refused if a server of the
     * project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the policy exists; NOT_FOUND (POLICY_NOT_FOUND)
     * if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"server_policy": {"project_id": "core", "server_id": "4f1e", "policy": {"lead_time": "60s"}}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.PutServerPolicyResponse putServerPolicy(dev.fermata.v1.PutServerPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutServerPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes the policy of a server.
     * With a `request_id` it may be repeated. Without one, a second call finds no policy.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if the server has no stored policy.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e", "request_id": "7"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.DeleteServerPolicyResponse deleteServerPolicy(dev.fermata.v1.DeleteServerPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteServerPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a group.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerGroup
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetServerGroupResponse getServerGroup(dev.fermata.v1.GetServerGroupRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServerGroupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists groups, by project and id. Groups that servers name in their metadata are not stored, and so not listed.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerGroups
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListServerGroupsResponse listServerGroups(dev.fermata.v1.ListServerGroupsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListServerGroupsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates or replaces a group, as a whole.
     * Members and the cloud's server group need not exist yet; then the response has a warning. A name in the place of an id is
     * refused if a server of the project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the group exists; NOT_FOUND
     * (SERVER_GROUP_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext -d '{"server_group": {"project_id": "core", "id": "amf", "member_ids": ["4f1e", "9c20"]}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.PutServerGroupResponse putServerGroup(dev.fermata.v1.PutServerGroupRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutServerGroupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a group. Its servers stay.
     * With a `request_id` it may be repeated. Without one, a second call finds no group.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf", "request_id": "8"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public dev.fermata.v1.DeleteServerGroupResponse deleteServerGroup(dev.fermata.v1.DeleteServerGroupRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteServerGroupMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service PolicyService.
   * <pre>
   * Policies of owners, for single servers and for groups of servers. A policy applies to the questions that Fermata asks
   * after the policy was stored. What Fermata told an owner before does not change until Fermata asks that owner again.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An
   * owner may name only its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A
   * request for one resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class PolicyServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<PolicyServiceFutureStub> {
    private PolicyServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads the stored policy of a server, and the policy that applies to it.
     * Changes nothing, and may be repeated at will. While the cloud does not answer, the server's metadata is left out.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if no policy applies to the server; UNAVAILABLE (CLOUD_UNAVAILABLE) if the cloud
     * does not answer and no stored policy applies to the server.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerPolicy
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetServerPolicyResponse> getServerPolicy(
        dev.fermata.v1.GetServerPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServerPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the policies of servers, by project and server id.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerPolicies
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListServerPoliciesResponse> listServerPolicies(
        dev.fermata.v1.ListServerPoliciesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListServerPoliciesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates or replaces the policy of a server, as a whole.
     * The server need not exist yet; then the response has a warning. A name in the place of an id is refused if a server of the
     * project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the policy exists; NOT_FOUND (POLICY_NOT_FOUND)
     * if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"server_policy": {"project_id": "core", "server_id": "4f1e", "policy": {"lead_time": "60s"}}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.PutServerPolicyResponse> putServerPolicy(
        dev.fermata.v1.PutServerPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutServerPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes the policy of a server.
     * With a `request_id` it may be repeated. Without one, a second call finds no policy.
     * Errors: NOT_FOUND (POLICY_NOT_FOUND) if the server has no stored policy.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_id": "4f1e", "request_id": "7"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerPolicy
     * Callers: owners, operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.DeleteServerPolicyResponse> deleteServerPolicy(
        dev.fermata.v1.DeleteServerPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteServerPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a group.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/GetServerGroup
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetServerGroupResponse> getServerGroup(
        dev.fermata.v1.GetServerGroupRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServerGroupMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists groups, by project and id. Groups that servers name in their metadata are not stored, and so not listed.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.PolicyService/ListServerGroups
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListServerGroupsResponse> listServerGroups(
        dev.fermata.v1.ListServerGroupsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListServerGroupsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates or replaces a group, as a whole.
     * Members and the cloud's server group need not exist yet; then the response has a warning. A name in the place of an id is
     * refused if a server of the project has that name, and the error names the id.
     * May be repeated: the stored content is the same afterwards. With an `etag`, or with the mode CREATE_ONLY, a repetition
     * also needs the same `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the group exists; NOT_FOUND
     * (SERVER_GROUP_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext -d '{"server_group": {"project_id": "core", "id": "amf", "member_ids": ["4f1e", "9c20"]}}' &#92;
     *   localhost:7400 fermata.v1.PolicyService/PutServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.PutServerGroupResponse> putServerGroup(
        dev.fermata.v1.PutServerGroupRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutServerGroupMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a group. Its servers stay.
     * With a `request_id` it may be repeated. Without one, a second call finds no group.
     * Errors: NOT_FOUND (SERVER_GROUP_NOT_FOUND) if the project has no such group.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "server_group_id": "amf", "request_id": "8"}' localhost:7400 &#92;
     *   fermata.v1.PolicyService/DeleteServerGroup
     * Callers: owners, operators.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.DeleteServerGroupResponse> deleteServerGroup(
        dev.fermata.v1.DeleteServerGroupRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteServerGroupMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_SERVER_POLICY = 0;
  private static final int METHODID_LIST_SERVER_POLICIES = 1;
  private static final int METHODID_PUT_SERVER_POLICY = 2;
  private static final int METHODID_DELETE_SERVER_POLICY = 3;
  private static final int METHODID_GET_SERVER_GROUP = 4;
  private static final int METHODID_LIST_SERVER_GROUPS = 5;
  private static final int METHODID_PUT_SERVER_GROUP = 6;
  private static final int METHODID_DELETE_SERVER_GROUP = 7;

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
        case METHODID_GET_SERVER_POLICY:
          serviceImpl.getServerPolicy((dev.fermata.v1.GetServerPolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerPolicyResponse>) responseObserver);
          break;
        case METHODID_LIST_SERVER_POLICIES:
          serviceImpl.listServerPolicies((dev.fermata.v1.ListServerPoliciesRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListServerPoliciesResponse>) responseObserver);
          break;
        case METHODID_PUT_SERVER_POLICY:
          serviceImpl.putServerPolicy((dev.fermata.v1.PutServerPolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.PutServerPolicyResponse>) responseObserver);
          break;
        case METHODID_DELETE_SERVER_POLICY:
          serviceImpl.deleteServerPolicy((dev.fermata.v1.DeleteServerPolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteServerPolicyResponse>) responseObserver);
          break;
        case METHODID_GET_SERVER_GROUP:
          serviceImpl.getServerGroup((dev.fermata.v1.GetServerGroupRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetServerGroupResponse>) responseObserver);
          break;
        case METHODID_LIST_SERVER_GROUPS:
          serviceImpl.listServerGroups((dev.fermata.v1.ListServerGroupsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListServerGroupsResponse>) responseObserver);
          break;
        case METHODID_PUT_SERVER_GROUP:
          serviceImpl.putServerGroup((dev.fermata.v1.PutServerGroupRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.PutServerGroupResponse>) responseObserver);
          break;
        case METHODID_DELETE_SERVER_GROUP:
          serviceImpl.deleteServerGroup((dev.fermata.v1.DeleteServerGroupRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteServerGroupResponse>) responseObserver);
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
          getGetServerPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetServerPolicyRequest,
              dev.fermata.v1.GetServerPolicyResponse>(
                service, METHODID_GET_SERVER_POLICY)))
        .addMethod(
          getListServerPoliciesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListServerPoliciesRequest,
              dev.fermata.v1.ListServerPoliciesResponse>(
                service, METHODID_LIST_SERVER_POLICIES)))
        .addMethod(
          getPutServerPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.PutServerPolicyRequest,
              dev.fermata.v1.PutServerPolicyResponse>(
                service, METHODID_PUT_SERVER_POLICY)))
        .addMethod(
          getDeleteServerPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.DeleteServerPolicyRequest,
              dev.fermata.v1.DeleteServerPolicyResponse>(
                service, METHODID_DELETE_SERVER_POLICY)))
        .addMethod(
          getGetServerGroupMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetServerGroupRequest,
              dev.fermata.v1.GetServerGroupResponse>(
                service, METHODID_GET_SERVER_GROUP)))
        .addMethod(
          getListServerGroupsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListServerGroupsRequest,
              dev.fermata.v1.ListServerGroupsResponse>(
                service, METHODID_LIST_SERVER_GROUPS)))
        .addMethod(
          getPutServerGroupMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.PutServerGroupRequest,
              dev.fermata.v1.PutServerGroupResponse>(
                service, METHODID_PUT_SERVER_GROUP)))
        .addMethod(
          getDeleteServerGroupMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.DeleteServerGroupRequest,
              dev.fermata.v1.DeleteServerGroupResponse>(
                service, METHODID_DELETE_SERVER_GROUP)))
        .build();
  }

  private static abstract class PolicyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    PolicyServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.fermata.v1.PolicyServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("PolicyService");
    }
  }

  private static final class PolicyServiceFileDescriptorSupplier
      extends PolicyServiceBaseDescriptorSupplier {
    PolicyServiceFileDescriptorSupplier() {}
  }

  private static final class PolicyServiceMethodDescriptorSupplier
      extends PolicyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    PolicyServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (PolicyServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new PolicyServiceFileDescriptorSupplier())
              .addMethod(getGetServerPolicyMethod())
              .addMethod(getListServerPoliciesMethod())
              .addMethod(getPutServerPolicyMethod())
              .addMethod(getDeleteServerPolicyMethod())
              .addMethod(getGetServerGroupMethod())
              .addMethod(getListServerGroupsMethod())
              .addMethod(getPutServerGroupMethod())
              .addMethod(getDeleteServerGroupMethod())
              .build();
        }
      }
    }
    return result;
  }
}
