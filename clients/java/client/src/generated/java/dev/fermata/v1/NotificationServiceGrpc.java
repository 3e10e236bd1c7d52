package dev.fermata.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
 * a stream shows what the owner has read. A Reply carries what the owner decides.
 * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
 * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
 * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
 * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
 * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
 * `--request-retention` sets (7 days).
 * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
 * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
 * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
 * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
 * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
 * resource in another project gives NOT_FOUND, as if the resource did not exist.
 * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
 * UNAVAILABLE (STORE_UNAVAILABLE).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class NotificationServiceGrpc {

  private NotificationServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "fermata.v1.NotificationService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.SubscribeRequest,
      dev.fermata.v1.SubscribeResponse> getSubscribeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Subscribe",
      requestType = dev.fermata.v1.SubscribeRequest.class,
      responseType = dev.fermata.v1.SubscribeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.SubscribeRequest,
      dev.fermata.v1.SubscribeResponse> getSubscribeMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.SubscribeRequest, dev.fermata.v1.SubscribeResponse> getSubscribeMethod;
    if ((getSubscribeMethod = NotificationServiceGrpc.getSubscribeMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getSubscribeMethod = NotificationServiceGrpc.getSubscribeMethod) == null) {
          NotificationServiceGrpc.getSubscribeMethod = getSubscribeMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.SubscribeRequest, dev.fermata.v1.SubscribeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Subscribe"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.SubscribeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.SubscribeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("Subscribe"))
              .build();
        }
      }
    }
    return getSubscribeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetNotificationRequest,
      dev.fermata.v1.GetNotificationResponse> getGetNotificationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetNotification",
      requestType = dev.fermata.v1.GetNotificationRequest.class,
      responseType = dev.fermata.v1.GetNotificationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetNotificationRequest,
      dev.fermata.v1.GetNotificationResponse> getGetNotificationMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetNotificationRequest, dev.fermata.v1.GetNotificationResponse> getGetNotificationMethod;
    if ((getGetNotificationMethod = NotificationServiceGrpc.getGetNotificationMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getGetNotificationMethod = NotificationServiceGrpc.getGetNotificationMethod) == null) {
          NotificationServiceGrpc.getGetNotificationMethod = getGetNotificationMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetNotificationRequest, dev.fermata.v1.GetNotificationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetNotification"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetNotificationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetNotificationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("GetNotification"))
              .build();
        }
      }
    }
    return getGetNotificationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListNotificationsRequest,
      dev.fermata.v1.ListNotificationsResponse> getListNotificationsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListNotifications",
      requestType = dev.fermata.v1.ListNotificationsRequest.class,
      responseType = dev.fermata.v1.ListNotificationsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListNotificationsRequest,
      dev.fermata.v1.ListNotificationsResponse> getListNotificationsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListNotificationsRequest, dev.fermata.v1.ListNotificationsResponse> getListNotificationsMethod;
    if ((getListNotificationsMethod = NotificationServiceGrpc.getListNotificationsMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getListNotificationsMethod = NotificationServiceGrpc.getListNotificationsMethod) == null) {
          NotificationServiceGrpc.getListNotificationsMethod = getListNotificationsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListNotificationsRequest, dev.fermata.v1.ListNotificationsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListNotifications"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListNotificationsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListNotificationsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("ListNotifications"))
              .build();
        }
      }
    }
    return getListNotificationsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListNotificationServersRequest,
      dev.fermata.v1.ListNotificationServersResponse> getListNotificationServersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListNotificationServers",
      requestType = dev.fermata.v1.ListNotificationServersRequest.class,
      responseType = dev.fermata.v1.ListNotificationServersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListNotificationServersRequest,
      dev.fermata.v1.ListNotificationServersResponse> getListNotificationServersMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListNotificationServersRequest, dev.fermata.v1.ListNotificationServersResponse> getListNotificationServersMethod;
    if ((getListNotificationServersMethod = NotificationServiceGrpc.getListNotificationServersMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getListNotificationServersMethod = NotificationServiceGrpc.getListNotificationServersMethod) == null) {
          NotificationServiceGrpc.getListNotificationServersMethod = getListNotificationServersMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListNotificationServersRequest, dev.fermata.v1.ListNotificationServersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListNotificationServers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListNotificationServersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListNotificationServersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("ListNotificationServers"))
              .build();
        }
      }
    }
    return getListNotificationServersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ReplyRequest,
      dev.fermata.v1.ReplyResponse> getReplyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Reply",
      requestType = dev.fermata.v1.ReplyRequest.class,
      responseType = dev.fermata.v1.ReplyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ReplyRequest,
      dev.fermata.v1.ReplyResponse> getReplyMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ReplyRequest, dev.fermata.v1.ReplyResponse> getReplyMethod;
    if ((getReplyMethod = NotificationServiceGrpc.getReplyMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getReplyMethod = NotificationServiceGrpc.getReplyMethod) == null) {
          NotificationServiceGrpc.getReplyMethod = getReplyMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ReplyRequest, dev.fermata.v1.ReplyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Reply"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ReplyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ReplyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("Reply"))
              .build();
        }
      }
    }
    return getReplyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.PutSubscriptionRequest,
      dev.fermata.v1.PutSubscriptionResponse> getPutSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PutSubscription",
      requestType = dev.fermata.v1.PutSubscriptionRequest.class,
      responseType = dev.fermata.v1.PutSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.PutSubscriptionRequest,
      dev.fermata.v1.PutSubscriptionResponse> getPutSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.PutSubscriptionRequest, dev.fermata.v1.PutSubscriptionResponse> getPutSubscriptionMethod;
    if ((getPutSubscriptionMethod = NotificationServiceGrpc.getPutSubscriptionMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getPutSubscriptionMethod = NotificationServiceGrpc.getPutSubscriptionMethod) == null) {
          NotificationServiceGrpc.getPutSubscriptionMethod = getPutSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.PutSubscriptionRequest, dev.fermata.v1.PutSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PutSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PutSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.PutSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("PutSubscription"))
              .build();
        }
      }
    }
    return getPutSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.GetSubscriptionRequest,
      dev.fermata.v1.GetSubscriptionResponse> getGetSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSubscription",
      requestType = dev.fermata.v1.GetSubscriptionRequest.class,
      responseType = dev.fermata.v1.GetSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.GetSubscriptionRequest,
      dev.fermata.v1.GetSubscriptionResponse> getGetSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.GetSubscriptionRequest, dev.fermata.v1.GetSubscriptionResponse> getGetSubscriptionMethod;
    if ((getGetSubscriptionMethod = NotificationServiceGrpc.getGetSubscriptionMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getGetSubscriptionMethod = NotificationServiceGrpc.getGetSubscriptionMethod) == null) {
          NotificationServiceGrpc.getGetSubscriptionMethod = getGetSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.GetSubscriptionRequest, dev.fermata.v1.GetSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.GetSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("GetSubscription"))
              .build();
        }
      }
    }
    return getGetSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.ListSubscriptionsRequest,
      dev.fermata.v1.ListSubscriptionsResponse> getListSubscriptionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSubscriptions",
      requestType = dev.fermata.v1.ListSubscriptionsRequest.class,
      responseType = dev.fermata.v1.ListSubscriptionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.ListSubscriptionsRequest,
      dev.fermata.v1.ListSubscriptionsResponse> getListSubscriptionsMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.ListSubscriptionsRequest, dev.fermata.v1.ListSubscriptionsResponse> getListSubscriptionsMethod;
    if ((getListSubscriptionsMethod = NotificationServiceGrpc.getListSubscriptionsMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getListSubscriptionsMethod = NotificationServiceGrpc.getListSubscriptionsMethod) == null) {
          NotificationServiceGrpc.getListSubscriptionsMethod = getListSubscriptionsMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.ListSubscriptionsRequest, dev.fermata.v1.ListSubscriptionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSubscriptions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSubscriptionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.ListSubscriptionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("ListSubscriptions"))
              .build();
        }
      }
    }
    return getListSubscriptionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.DeleteSubscriptionRequest,
      dev.fermata.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSubscription",
      requestType = dev.fermata.v1.DeleteSubscriptionRequest.class,
      responseType = dev.fermata.v1.DeleteSubscriptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.DeleteSubscriptionRequest,
      dev.fermata.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.DeleteSubscriptionRequest, dev.fermata.v1.DeleteSubscriptionResponse> getDeleteSubscriptionMethod;
    if ((getDeleteSubscriptionMethod = NotificationServiceGrpc.getDeleteSubscriptionMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getDeleteSubscriptionMethod = NotificationServiceGrpc.getDeleteSubscriptionMethod) == null) {
          NotificationServiceGrpc.getDeleteSubscriptionMethod = getDeleteSubscriptionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.DeleteSubscriptionRequest, dev.fermata.v1.DeleteSubscriptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSubscription"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteSubscriptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.DeleteSubscriptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("DeleteSubscription"))
              .build();
        }
      }
    }
    return getDeleteSubscriptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.fermata.v1.AcknowledgePositionRequest,
      dev.fermata.v1.AcknowledgePositionResponse> getAcknowledgePositionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AcknowledgePosition",
      requestType = dev.fermata.v1.AcknowledgePositionRequest.class,
      responseType = dev.fermata.v1.AcknowledgePositionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.fermata.v1.AcknowledgePositionRequest,
      dev.fermata.v1.AcknowledgePositionResponse> getAcknowledgePositionMethod() {
    io.grpc.MethodDescriptor<dev.fermata.v1.AcknowledgePositionRequest, dev.fermata.v1.AcknowledgePositionResponse> getAcknowledgePositionMethod;
    if ((getAcknowledgePositionMethod = NotificationServiceGrpc.getAcknowledgePositionMethod) == null) {
      synchronized (NotificationServiceGrpc.class) {
        if ((getAcknowledgePositionMethod = NotificationServiceGrpc.getAcknowledgePositionMethod) == null) {
          NotificationServiceGrpc.getAcknowledgePositionMethod = getAcknowledgePositionMethod =
              io.grpc.MethodDescriptor.<dev.fermata.v1.AcknowledgePositionRequest, dev.fermata.v1.AcknowledgePositionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AcknowledgePosition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.AcknowledgePositionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.fermata.v1.AcknowledgePositionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NotificationServiceMethodDescriptorSupplier("AcknowledgePosition"))
              .build();
        }
      }
    }
    return getAcknowledgePositionMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static NotificationServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NotificationServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NotificationServiceStub>() {
        @java.lang.Override
        public NotificationServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NotificationServiceStub(channel, callOptions);
        }
      };
    return NotificationServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static NotificationServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NotificationServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NotificationServiceBlockingV2Stub>() {
        @java.lang.Override
        public NotificationServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NotificationServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return NotificationServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static NotificationServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NotificationServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NotificationServiceBlockingStub>() {
        @java.lang.Override
        public NotificationServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NotificationServiceBlockingStub(channel, callOptions);
        }
      };
    return NotificationServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static NotificationServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NotificationServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NotificationServiceFutureStub>() {
        @java.lang.Override
        public NotificationServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NotificationServiceFutureStub(channel, callOptions);
        }
      };
    return NotificationServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
   * a stream shows what the owner has read. A Reply carries what the owner decides.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
   * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
   * resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Streams everything that concerns one project, until the client closes the stream. Events come in order and at least
     * once: use `sequence` to find duplicates. With a `subscription_id`, the stream belongs to that subscription and carries
     * the events that match its filter.
     * Changes no notification and no decision. After the stream has ended, call again with the last `resume_token`. A consumer
     * that keeps no state does three things: it puts its subscription when it starts, it opens this stream at the acknowledged
     * position (see the example), and it acknowledges each event after it has handled it. If PutSubscription replaces the
     * filter, the stream ends with a `going_away` message: connect again.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if there is no such subscription. The stream ends with the same error if the
     * subscription is deleted while the stream is open: within 5 seconds, whichever replica deletes it. INVALID_ARGUMENT
     * (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED) for a token or an
     * acknowledged position that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token or the position, begin with a snapshot. After RESOURCE_EXHAUSTED, call
     * again later.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "subscription_id": "vnfm", "start": {"point": "STREAM_POINT_ACKNOWLEDGED"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Subscribe
     * Callers: owners.
     * </pre>
     */
    default void subscribe(dev.fermata.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a notification. If it has too many servers for one message, it comes without them; see ListNotificationServers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13"}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/GetNotification
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void getNotification(dev.fermata.v1.GetNotificationRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetNotificationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetNotificationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the notifications of a project, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotifications
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void listNotifications(dev.fermata.v1.ListNotificationsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListNotificationsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListNotificationsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists all servers of a notification, by server id. It lists them also if the notification itself comes without servers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13", "page_size": 500}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotificationServers
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void listNotificationServers(dev.fermata.v1.ListNotificationServersRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListNotificationServersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListNotificationServersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers a notification.
     * May be repeated: the same reply twice counts once.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (SERVER_NOT_IN_NOTIFICATION, ACTION_NOT_ALLOWED) if a decision is not possible; ABORTED (PLAN_REVISION_STALE) if the
     * reply answers an older plan; FAILED_PRECONDITION (REPLY_LATE) after `reply_deadline_time`; FAILED_PRECONDITION
     * (WRONG_STATE) if the action on a server has begun.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13",
     *     "plan_revision": 1, "accept": {"action": "ACTION_MIGRATE"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Reply
     * Callers: owners.
     * </pre>
     */
    default void reply(dev.fermata.v1.ReplyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ReplyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReplyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates or replaces a subscription. A replaced subscription keeps its acknowledged position. From now on the project
     * takes part: its silence means what the session's `on_silence` says.
     * The project need not have servers yet; then the response has a warning.
     * May be repeated: the same content again changes nothing. So a consumer calls this method each time it starts, and needs
     * no `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the subscription exists; NOT_FOUND
     * (SUBSCRIPTION_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"subscription": {"project_id": "core", "id": "vnfm", "display_name": "VNFM of core"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/PutSubscription
     * Callers: owners.
     * </pre>
     */
    default void putSubscription(dev.fermata.v1.PutSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PutSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPutSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a subscription.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/GetSubscription
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void getSubscription(dev.fermata.v1.GetSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists subscriptions, by project and id. An owner sees the subscriptions of its own projects. Operators and auditors see
     * all.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.NotificationService/ListSubscriptions
     * Callers: owners, operators, auditors.
     * </pre>
     */
    default void listSubscriptions(dev.fermata.v1.ListSubscriptionsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSubscriptionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSubscriptionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a subscription and ends its streams. If it was the last one of its project, the project no longer takes part.
     * May be repeated: a subscription that does not exist counts as deleted, unless `must_exist` is set.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if `must_exist` is set and there is no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/DeleteSubscription
     * Callers: owners.
     * </pre>
     */
    default void deleteSubscription(dev.fermata.v1.DeleteSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteSubscriptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSubscriptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Records up to which event the consumer has read and acted. Operators see which consumers are behind.
     * May be repeated: the position never goes back, and a lower or equal sequence changes nothing.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription; INVALID_ARGUMENT (INVALID_FIELD) if
     * the sequence is higher than the newest of the project.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm", "sequence": "42"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/AcknowledgePosition
     * Callers: owners.
     * </pre>
     */
    default void acknowledgePosition(dev.fermata.v1.AcknowledgePositionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.AcknowledgePositionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAcknowledgePositionMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service NotificationService.
   * <pre>
   * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
   * a stream shows what the owner has read. A Reply carries what the owner decides.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
   * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
   * resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static abstract class NotificationServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return NotificationServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service NotificationService.
   * <pre>
   * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
   * a stream shows what the owner has read. A Reply carries what the owner decides.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
   * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
   * resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class NotificationServiceStub
      extends io.grpc.stub.AbstractAsyncStub<NotificationServiceStub> {
    private NotificationServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NotificationServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NotificationServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Streams everything that concerns one project, until the client closes the stream. Events come in order and at least
     * once: use `sequence` to find duplicates. With a `subscription_id`, the stream belongs to that subscription and carries
     * the events that match its filter.
     * Changes no notification and no decision. After the stream has ended, call again with the last `resume_token`. A consumer
     * that keeps no state does three things: it puts its subscription when it starts, it opens this stream at the acknowledged
     * position (see the example), and it acknowledges each event after it has handled it. If PutSubscription replaces the
     * filter, the stream ends with a `going_away` message: connect again.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if there is no such subscription. The stream ends with the same error if the
     * subscription is deleted while the stream is open: within 5 seconds, whichever replica deletes it. INVALID_ARGUMENT
     * (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED) for a token or an
     * acknowledged position that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token or the position, begin with a snapshot. After RESOURCE_EXHAUSTED, call
     * again later.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "subscription_id": "vnfm", "start": {"point": "STREAM_POINT_ACKNOWLEDGED"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Subscribe
     * Callers: owners.
     * </pre>
     */
    public void subscribe(dev.fermata.v1.SubscribeRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.SubscribeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a notification. If it has too many servers for one message, it comes without them; see ListNotificationServers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13"}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/GetNotification
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void getNotification(dev.fermata.v1.GetNotificationRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetNotificationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetNotificationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the notifications of a project, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotifications
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void listNotifications(dev.fermata.v1.ListNotificationsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListNotificationsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListNotificationsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists all servers of a notification, by server id. It lists them also if the notification itself comes without servers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13", "page_size": 500}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotificationServers
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void listNotificationServers(dev.fermata.v1.ListNotificationServersRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListNotificationServersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListNotificationServersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers a notification.
     * May be repeated: the same reply twice counts once.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (SERVER_NOT_IN_NOTIFICATION, ACTION_NOT_ALLOWED) if a decision is not possible; ABORTED (PLAN_REVISION_STALE) if the
     * reply answers an older plan; FAILED_PRECONDITION (REPLY_LATE) after `reply_deadline_time`; FAILED_PRECONDITION
     * (WRONG_STATE) if the action on a server has begun.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13",
     *     "plan_revision": 1, "accept": {"action": "ACTION_MIGRATE"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Reply
     * Callers: owners.
     * </pre>
     */
    public void reply(dev.fermata.v1.ReplyRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ReplyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReplyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates or replaces a subscription. A replaced subscription keeps its acknowledged position. From now on the project
     * takes part: its silence means what the session's `on_silence` says.
     * The project need not have servers yet; then the response has a warning.
     * May be repeated: the same content again changes nothing. So a consumer calls this method each time it starts, and needs
     * no `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the subscription exists; NOT_FOUND
     * (SUBSCRIPTION_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"subscription": {"project_id": "core", "id": "vnfm", "display_name": "VNFM of core"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/PutSubscription
     * Callers: owners.
     * </pre>
     */
    public void putSubscription(dev.fermata.v1.PutSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.PutSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPutSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a subscription.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/GetSubscription
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void getSubscription(dev.fermata.v1.GetSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.GetSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists subscriptions, by project and id. An owner sees the subscriptions of its own projects. Operators and auditors see
     * all.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.NotificationService/ListSubscriptions
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public void listSubscriptions(dev.fermata.v1.ListSubscriptionsRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.ListSubscriptionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSubscriptionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a subscription and ends its streams. If it was the last one of its project, the project no longer takes part.
     * May be repeated: a subscription that does not exist counts as deleted, unless `must_exist` is set.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if `must_exist` is set and there is no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/DeleteSubscription
     * Callers: owners.
     * </pre>
     */
    public void deleteSubscription(dev.fermata.v1.DeleteSubscriptionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteSubscriptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSubscriptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Records up to which event the consumer has read and acted. Operators see which consumers are behind.
     * May be repeated: the position never goes back, and a lower or equal sequence changes nothing.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription; INVALID_ARGUMENT (INVALID_FIELD) if
     * the sequence is higher than the newest of the project.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm", "sequence": "42"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/AcknowledgePosition
     * Callers: owners.
     * </pre>
     */
    public void acknowledgePosition(dev.fermata.v1.AcknowledgePositionRequest request,
        io.grpc.stub.StreamObserver<dev.fermata.v1.AcknowledgePositionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAcknowledgePositionMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service NotificationService.
   * <pre>
   * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
   * a stream shows what the owner has read. A Reply carries what the owner decides.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
   * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
   * resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class NotificationServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<NotificationServiceBlockingV2Stub> {
    private NotificationServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NotificationServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NotificationServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Streams everything that concerns one project, until the client closes the stream. Events come in order and at least
     * once: use `sequence` to find duplicates. With a `subscription_id`, the stream belongs to that subscription and carries
     * the events that match its filter.
     * Changes no notification and no decision. After the stream has ended, call again with the last `resume_token`. A consumer
     * that keeps no state does three things: it puts its subscription when it starts, it opens this stream at the acknowledged
     * position (see the example), and it acknowledges each event after it has handled it. If PutSubscription replaces the
     * filter, the stream ends with a `going_away` message: connect again.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if there is no such subscription. The stream ends with the same error if the
     * subscription is deleted while the stream is open: within 5 seconds, whichever replica deletes it. INVALID_ARGUMENT
     * (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED) for a token or an
     * acknowledged position that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token or the position, begin with a snapshot. After RESOURCE_EXHAUSTED, call
     * again later.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "subscription_id": "vnfm", "start": {"point": "STREAM_POINT_ACKNOWLEDGED"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Subscribe
     * Callers: owners.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.fermata.v1.SubscribeResponse>
        subscribe(dev.fermata.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a notification. If it has too many servers for one message, it comes without them; see ListNotificationServers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13"}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/GetNotification
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetNotificationResponse getNotification(dev.fermata.v1.GetNotificationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetNotificationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the notifications of a project, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotifications
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListNotificationsResponse listNotifications(dev.fermata.v1.ListNotificationsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListNotificationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists all servers of a notification, by server id. It lists them also if the notification itself comes without servers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13", "page_size": 500}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotificationServers
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListNotificationServersResponse listNotificationServers(dev.fermata.v1.ListNotificationServersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListNotificationServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers a notification.
     * May be repeated: the same reply twice counts once.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (SERVER_NOT_IN_NOTIFICATION, ACTION_NOT_ALLOWED) if a decision is not possible; ABORTED (PLAN_REVISION_STALE) if the
     * reply answers an older plan; FAILED_PRECONDITION (REPLY_LATE) after `reply_deadline_time`; FAILED_PRECONDITION
     * (WRONG_STATE) if the action on a server has begun.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13",
     *     "plan_revision": 1, "accept": {"action": "ACTION_MIGRATE"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Reply
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.ReplyResponse reply(dev.fermata.v1.ReplyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReplyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates or replaces a subscription. A replaced subscription keeps its acknowledged position. From now on the project
     * takes part: its silence means what the session's `on_silence` says.
     * The project need not have servers yet; then the response has a warning.
     * May be repeated: the same content again changes nothing. So a consumer calls this method each time it starts, and needs
     * no `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the subscription exists; NOT_FOUND
     * (SUBSCRIPTION_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"subscription": {"project_id": "core", "id": "vnfm", "display_name": "VNFM of core"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/PutSubscription
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.PutSubscriptionResponse putSubscription(dev.fermata.v1.PutSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPutSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a subscription.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/GetSubscription
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetSubscriptionResponse getSubscription(dev.fermata.v1.GetSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists subscriptions, by project and id. An owner sees the subscriptions of its own projects. Operators and auditors see
     * all.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.NotificationService/ListSubscriptions
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSubscriptionsResponse listSubscriptions(dev.fermata.v1.ListSubscriptionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSubscriptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a subscription and ends its streams. If it was the last one of its project, the project no longer takes part.
     * May be repeated: a subscription that does not exist counts as deleted, unless `must_exist` is set.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if `must_exist` is set and there is no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/DeleteSubscription
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.DeleteSubscriptionResponse deleteSubscription(dev.fermata.v1.DeleteSubscriptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records up to which event the consumer has read and acted. Operators see which consumers are behind.
     * May be repeated: the position never goes back, and a lower or equal sequence changes nothing.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription; INVALID_ARGUMENT (INVALID_FIELD) if
     * the sequence is higher than the newest of the project.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm", "sequence": "42"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/AcknowledgePosition
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.AcknowledgePositionResponse acknowledgePosition(dev.fermata.v1.AcknowledgePositionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAcknowledgePositionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service NotificationService.
   * <pre>
   * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
   * a stream shows what the owner has read. A Reply carries what the owner decides.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
   * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
   * resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class NotificationServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<NotificationServiceBlockingStub> {
    private NotificationServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NotificationServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NotificationServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Streams everything that concerns one project, until the client closes the stream. Events come in order and at least
     * once: use `sequence` to find duplicates. With a `subscription_id`, the stream belongs to that subscription and carries
     * the events that match its filter.
     * Changes no notification and no decision. After the stream has ended, call again with the last `resume_token`. A consumer
     * that keeps no state does three things: it puts its subscription when it starts, it opens this stream at the acknowledged
     * position (see the example), and it acknowledges each event after it has handled it. If PutSubscription replaces the
     * filter, the stream ends with a `going_away` message: connect again.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if there is no such subscription. The stream ends with the same error if the
     * subscription is deleted while the stream is open: within 5 seconds, whichever replica deletes it. INVALID_ARGUMENT
     * (RESUME_TOKEN_INVALID) for a token of another stream or database; OUT_OF_RANGE (RESUME_TOKEN_EXPIRED) for a token or an
     * acknowledged position that is older than the events that Fermata keeps; RESOURCE_EXHAUSTED (TOO_MANY_STREAMS,
     * SLOW_READER). After an error about the token or the position, begin with a snapshot. After RESOURCE_EXHAUSTED, call
     * again later.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "subscription_id": "vnfm", "start": {"point": "STREAM_POINT_ACKNOWLEDGED"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Subscribe
     * Callers: owners.
     * </pre>
     */
    public java.util.Iterator<dev.fermata.v1.SubscribeResponse> subscribe(
        dev.fermata.v1.SubscribeRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a notification. If it has too many servers for one message, it comes without them; see ListNotificationServers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13"}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/GetNotification
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetNotificationResponse getNotification(dev.fermata.v1.GetNotificationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetNotificationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the notifications of a project, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotifications
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListNotificationsResponse listNotifications(dev.fermata.v1.ListNotificationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListNotificationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists all servers of a notification, by server id. It lists them also if the notification itself comes without servers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13", "page_size": 500}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotificationServers
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListNotificationServersResponse listNotificationServers(dev.fermata.v1.ListNotificationServersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListNotificationServersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers a notification.
     * May be repeated: the same reply twice counts once.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (SERVER_NOT_IN_NOTIFICATION, ACTION_NOT_ALLOWED) if a decision is not possible; ABORTED (PLAN_REVISION_STALE) if the
     * reply answers an older plan; FAILED_PRECONDITION (REPLY_LATE) after `reply_deadline_time`; FAILED_PRECONDITION
     * (WRONG_STATE) if the action on a server has begun.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13",
     *     "plan_revision": 1, "accept": {"action": "ACTION_MIGRATE"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Reply
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.ReplyResponse reply(dev.fermata.v1.ReplyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReplyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates or replaces a subscription. A replaced subscription keeps its acknowledged position. From now on the project
     * takes part: its silence means what the session's `on_silence` says.
     * The project need not have servers yet; then the response has a warning.
     * May be repeated: the same content again changes nothing. So a consumer calls this method each time it starts, and needs
     * no `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the subscription exists; NOT_FOUND
     * (SUBSCRIPTION_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"subscription": {"project_id": "core", "id": "vnfm", "display_name": "VNFM of core"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/PutSubscription
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.PutSubscriptionResponse putSubscription(dev.fermata.v1.PutSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPutSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a subscription.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/GetSubscription
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.GetSubscriptionResponse getSubscription(dev.fermata.v1.GetSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists subscriptions, by project and id. An owner sees the subscriptions of its own projects. Operators and auditors see
     * all.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.NotificationService/ListSubscriptions
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public dev.fermata.v1.ListSubscriptionsResponse listSubscriptions(dev.fermata.v1.ListSubscriptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSubscriptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a subscription and ends its streams. If it was the last one of its project, the project no longer takes part.
     * May be repeated: a subscription that does not exist counts as deleted, unless `must_exist` is set.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if `must_exist` is set and there is no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/DeleteSubscription
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.DeleteSubscriptionResponse deleteSubscription(dev.fermata.v1.DeleteSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSubscriptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records up to which event the consumer has read and acted. Operators see which consumers are behind.
     * May be repeated: the position never goes back, and a lower or equal sequence changes nothing.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription; INVALID_ARGUMENT (INVALID_FIELD) if
     * the sequence is higher than the newest of the project.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm", "sequence": "42"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/AcknowledgePosition
     * Callers: owners.
     * </pre>
     */
    public dev.fermata.v1.AcknowledgePositionResponse acknowledgePosition(dev.fermata.v1.AcknowledgePositionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAcknowledgePositionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service NotificationService.
   * <pre>
   * Notifications and replies, for owners of servers (VNFMs). Delivery and decision are two different things. The position in
   * a stream shows what the owner has read. A Reply carries what the owner decides.
   * An `etag` names one content of a resource. It changes with every change and never comes back. A write with an `etag` that
   * is not current changes nothing and gives ABORTED (ETAG_MISMATCH). Fermata does not check an empty `etag`.
   * A `request_id` belongs to the caller, and to the project if the request names one. If the same request is sent again with
   * the same `request_id`, Fermata gives the same answer and does nothing twice. Another request with the same `request_id`
   * gives ALREADY_EXISTS (REQUEST_ID_REUSED). Fermata forgets a `request_id` after the time that the option
   * `--request-retention` sets (7 days).
   * The last sentence of each method's comment names the roles that may call the method. A call without a credential gives
   * UNAUTHENTICATED (CREDENTIALS_MISSING). A call with a credential that is not valid or has expired gives UNAUTHENTICATED
   * (CREDENTIALS_INVALID, CREDENTIALS_EXPIRED). An open stream ends with CREDENTIALS_EXPIRED when the credential of its caller
   * expires or is revoked. A caller without one of the roles gets PERMISSION_DENIED (ROLE_REQUIRED). An owner may name only
   * its own projects. A request that names another project gives PERMISSION_DENIED (PROJECT_FOREIGN). A request for one
   * resource in another project gives NOT_FOUND, as if the resource did not exist.
   * A wrong field gives INVALID_ARGUMENT (INVALID_FIELD) with all violations. If the database does not answer, a method gives
   * UNAVAILABLE (STORE_UNAVAILABLE).
   * </pre>
   */
  public static final class NotificationServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<NotificationServiceFutureStub> {
    private NotificationServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NotificationServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NotificationServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Reads a notification. If it has too many servers for one message, it comes without them; see ListNotificationServers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13"}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/GetNotification
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetNotificationResponse> getNotification(
        dev.fermata.v1.GetNotificationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetNotificationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the notifications of a project, the newest first.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "filter": {"states": ["NOTIFICATION_STATE_PENDING"]}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotifications
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListNotificationsResponse> listNotifications(
        dev.fermata.v1.ListNotificationsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListNotificationsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists all servers of a notification, by server id. It lists them also if the notification itself comes without servers.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13", "page_size": 500}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/ListNotificationServers
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListNotificationServersResponse> listNotificationServers(
        dev.fermata.v1.ListNotificationServersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListNotificationServersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers a notification.
     * May be repeated: the same reply twice counts once.
     * Errors: NOT_FOUND (NOTIFICATION_NOT_FOUND) if the project has no such notification; INVALID_ARGUMENT
     * (SERVER_NOT_IN_NOTIFICATION, ACTION_NOT_ALLOWED) if a decision is not possible; ABORTED (PLAN_REVISION_STALE) if the
     * reply answers an older plan; FAILED_PRECONDITION (REPLY_LATE) after `reply_deadline_time`; FAILED_PRECONDITION
     * (WRONG_STATE) if the action on a server has begun.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"project_id": "core", "notification_id": "019a2f4e-8d02-7c64-a1f7-5be20c9d4e13",
     *     "plan_revision": 1, "accept": {"action": "ACTION_MIGRATE"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/Reply
     * Callers: owners.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ReplyResponse> reply(
        dev.fermata.v1.ReplyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReplyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates or replaces a subscription. A replaced subscription keeps its acknowledged position. From now on the project
     * takes part: its silence means what the session's `on_silence` says.
     * The project need not have servers yet; then the response has a warning.
     * May be repeated: the same content again changes nothing. So a consumer calls this method each time it starts, and needs
     * no `request_id`.
     * Errors: ALREADY_EXISTS (RESOURCE_EXISTS) if the mode is CREATE_ONLY and the subscription exists; NOT_FOUND
     * (SUBSCRIPTION_NOT_FOUND) if the mode is REPLACE_ONLY and it does not exist.
     * Example: grpcurl -plaintext &#92;
     *   -d '{"subscription": {"project_id": "core", "id": "vnfm", "display_name": "VNFM of core"}}' &#92;
     *   localhost:7400 fermata.v1.NotificationService/PutSubscription
     * Callers: owners.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.PutSubscriptionResponse> putSubscription(
        dev.fermata.v1.PutSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPutSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a subscription.
     * Changes nothing, and may be repeated at will.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/GetSubscription
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.GetSubscriptionResponse> getSubscription(
        dev.fermata.v1.GetSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists subscriptions, by project and id. An owner sees the subscriptions of its own projects. Operators and auditors see
     * all.
     * Changes nothing, and may be repeated at will.
     * Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID) for a token of another list.
     * Example: grpcurl -plaintext -d '{"project_id": "core"}' localhost:7400 fermata.v1.NotificationService/ListSubscriptions
     * Callers: owners, operators, auditors.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.ListSubscriptionsResponse> listSubscriptions(
        dev.fermata.v1.ListSubscriptionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSubscriptionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a subscription and ends its streams. If it was the last one of its project, the project no longer takes part.
     * May be repeated: a subscription that does not exist counts as deleted, unless `must_exist` is set.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if `must_exist` is set and there is no such subscription.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/DeleteSubscription
     * Callers: owners.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.DeleteSubscriptionResponse> deleteSubscription(
        dev.fermata.v1.DeleteSubscriptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSubscriptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Records up to which event the consumer has read and acted. Operators see which consumers are behind.
     * May be repeated: the position never goes back, and a lower or equal sequence changes nothing.
     * Errors: NOT_FOUND (SUBSCRIPTION_NOT_FOUND) if the project has no such subscription; INVALID_ARGUMENT (INVALID_FIELD) if
     * the sequence is higher than the newest of the project.
     * Example: grpcurl -plaintext -d '{"project_id": "core", "subscription_id": "vnfm", "sequence": "42"}' localhost:7400 &#92;
     *   fermata.v1.NotificationService/AcknowledgePosition
     * Callers: owners.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.fermata.v1.AcknowledgePositionResponse> acknowledgePosition(
        dev.fermata.v1.AcknowledgePositionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAcknowledgePositionMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_SUBSCRIBE = 0;
  private static final int METHODID_GET_NOTIFICATION = 1;
  private static final int METHODID_LIST_NOTIFICATIONS = 2;
  private static final int METHODID_LIST_NOTIFICATION_SERVERS = 3;
  private static final int METHODID_REPLY = 4;
  private static final int METHODID_PUT_SUBSCRIPTION = 5;
  private static final int METHODID_GET_SUBSCRIPTION = 6;
  private static final int METHODID_LIST_SUBSCRIPTIONS = 7;
  private static final int METHODID_DELETE_SUBSCRIPTION = 8;
  private static final int METHODID_ACKNOWLEDGE_POSITION = 9;

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
        case METHODID_SUBSCRIBE:
          serviceImpl.subscribe((dev.fermata.v1.SubscribeRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.SubscribeResponse>) responseObserver);
          break;
        case METHODID_GET_NOTIFICATION:
          serviceImpl.getNotification((dev.fermata.v1.GetNotificationRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetNotificationResponse>) responseObserver);
          break;
        case METHODID_LIST_NOTIFICATIONS:
          serviceImpl.listNotifications((dev.fermata.v1.ListNotificationsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListNotificationsResponse>) responseObserver);
          break;
        case METHODID_LIST_NOTIFICATION_SERVERS:
          serviceImpl.listNotificationServers((dev.fermata.v1.ListNotificationServersRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListNotificationServersResponse>) responseObserver);
          break;
        case METHODID_REPLY:
          serviceImpl.reply((dev.fermata.v1.ReplyRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ReplyResponse>) responseObserver);
          break;
        case METHODID_PUT_SUBSCRIPTION:
          serviceImpl.putSubscription((dev.fermata.v1.PutSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.PutSubscriptionResponse>) responseObserver);
          break;
        case METHODID_GET_SUBSCRIPTION:
          serviceImpl.getSubscription((dev.fermata.v1.GetSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.GetSubscriptionResponse>) responseObserver);
          break;
        case METHODID_LIST_SUBSCRIPTIONS:
          serviceImpl.listSubscriptions((dev.fermata.v1.ListSubscriptionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.ListSubscriptionsResponse>) responseObserver);
          break;
        case METHODID_DELETE_SUBSCRIPTION:
          serviceImpl.deleteSubscription((dev.fermata.v1.DeleteSubscriptionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.DeleteSubscriptionResponse>) responseObserver);
          break;
        case METHODID_ACKNOWLEDGE_POSITION:
          serviceImpl.acknowledgePosition((dev.fermata.v1.AcknowledgePositionRequest) request,
              (io.grpc.stub.StreamObserver<dev.fermata.v1.AcknowledgePositionResponse>) responseObserver);
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
          getSubscribeMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.fermata.v1.SubscribeRequest,
              dev.fermata.v1.SubscribeResponse>(
                service, METHODID_SUBSCRIBE)))
        .addMethod(
          getGetNotificationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetNotificationRequest,
              dev.fermata.v1.GetNotificationResponse>(
                service, METHODID_GET_NOTIFICATION)))
        .addMethod(
          getListNotificationsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListNotificationsRequest,
              dev.fermata.v1.ListNotificationsResponse>(
                service, METHODID_LIST_NOTIFICATIONS)))
        .addMethod(
          getListNotificationServersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListNotificationServersRequest,
              dev.fermata.v1.ListNotificationServersResponse>(
                service, METHODID_LIST_NOTIFICATION_SERVERS)))
        .addMethod(
          getReplyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ReplyRequest,
              dev.fermata.v1.ReplyResponse>(
                service, METHODID_REPLY)))
        .addMethod(
          getPutSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.PutSubscriptionRequest,
              dev.fermata.v1.PutSubscriptionResponse>(
                service, METHODID_PUT_SUBSCRIPTION)))
        .addMethod(
          getGetSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.GetSubscriptionRequest,
              dev.fermata.v1.GetSubscriptionResponse>(
                service, METHODID_GET_SUBSCRIPTION)))
        .addMethod(
          getListSubscriptionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.ListSubscriptionsRequest,
              dev.fermata.v1.ListSubscriptionsResponse>(
                service, METHODID_LIST_SUBSCRIPTIONS)))
        .addMethod(
          getDeleteSubscriptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.DeleteSubscriptionRequest,
              dev.fermata.v1.DeleteSubscriptionResponse>(
                service, METHODID_DELETE_SUBSCRIPTION)))
        .addMethod(
          getAcknowledgePositionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.fermata.v1.AcknowledgePositionRequest,
              dev.fermata.v1.AcknowledgePositionResponse>(
                service, METHODID_ACKNOWLEDGE_POSITION)))
        .build();
  }

  private static abstract class NotificationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    NotificationServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.fermata.v1.NotificationServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("NotificationService");
    }
  }

  private static final class NotificationServiceFileDescriptorSupplier
      extends NotificationServiceBaseDescriptorSupplier {
    NotificationServiceFileDescriptorSupplier() {}
  }

  private static final class NotificationServiceMethodDescriptorSupplier
      extends NotificationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    NotificationServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (NotificationServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new NotificationServiceFileDescriptorSupplier())
              .addMethod(getSubscribeMethod())
              .addMethod(getGetNotificationMethod())
              .addMethod(getListNotificationsMethod())
              .addMethod(getListNotificationServersMethod())
              .addMethod(getReplyMethod())
              .addMethod(getPutSubscriptionMethod())
              .addMethod(getGetSubscriptionMethod())
              .addMethod(getListSubscriptionsMethod())
              .addMethod(getDeleteSubscriptionMethod())
              .addMethod(getAcknowledgePositionMethod())
              .build();
        }
      }
    }
    return result;
  }
}
