package dev.fermata.client.etsi;

import java.util.List;
import java.util.Optional;

/**
 * What a VNFM knows, and a notification does not.
 *
 * @param vnfInstanceId the VNF instance to which the servers belong
 * @param vnfcInstanceIds its VNFC instances that are affected, for SOL002
 * @param vimConnectionId the connection to the VIM; empty: not said
 * @param groupIds affinity or anti-affinity groups of the VNFD that the servers are in
 * @param selfHref the address of the alarm at the VNFM; empty: not said
 * @param vnfHref the address of the VNF instance at the VNFM; empty: not said
 */
public record AlarmContext(
    String vnfInstanceId,
    List<String> vnfcInstanceIds,
    Optional<String> vimConnectionId,
    List<String> groupIds,
    Optional<String> selfHref,
    Optional<String> vnfHref) {
  /**
   * Nothing but the VNF instance.
   *
   * @param vnfInstanceId the VNF instance to which the servers belong
   * @return the context
   */
  public static AlarmContext of(String vnfInstanceId) {
    return new AlarmContext(vnfInstanceId, List.of(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }
}
