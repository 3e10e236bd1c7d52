package dev.fermata.client.etsi;

import java.util.Map;
import java.util.Optional;

/**
 * What a VNFM knows of a VNF instance.
 *
 * @param instanceId the VNF instance
 * @param vnfcs its servers, by the cloud's id; only they have alarms
 * @param alarmsUrl the alarms of the VNFM's interface, for example {@code https://vnfm.example/vnffm/v1/alarms}
 * @param instanceUrl the VNF instance at the VNFM; empty: not said
 * @param vimConnectionId the connection to the VIM of the servers; empty: not said
 */
public record Vnf(
    String instanceId,
    Map<String, Vnfc> vnfcs,
    String alarmsUrl,
    Optional<String> instanceUrl,
    Optional<String> vimConnectionId) {
  /**
   * Without what may be left out.
   *
   * @param instanceId the VNF instance
   * @param vnfcs its servers, by the cloud's id
   * @param alarmsUrl the alarms of the VNFM's interface
   */
  public Vnf(String instanceId, Map<String, Vnfc> vnfcs, String alarmsUrl) {
    this(instanceId, vnfcs, alarmsUrl, Optional.empty(), Optional.empty());
  }
}
