package dev.fermata.client.etsi;

import java.util.List;
import java.util.Optional;

/**
 * What a VNFM knows of a server.
 *
 * @param instanceId the VNFC instance that the server is; empty: not said
 * @param affinityGroupIds the affinity and anti-affinity groups of the VNFD that it is in
 */
public record Vnfc(Optional<String> instanceId, List<String> affinityGroupIds) {}
