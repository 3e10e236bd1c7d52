package dev.fermata.client.watch;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * Where in a stream a message stands.
 *
 * @param storeId the database that counts; it changes when the database is restored from a back-up
 * @param sequence the number of the event, unsigned; of a snapshot that of the last event in it
 * @param time when it happened
 * @param resumeToken given as the start of a later watch with the same filter, that watch goes on after this message
 */
public record Position(String storeId, long sequence, Instant time, ByteString resumeToken) {}
