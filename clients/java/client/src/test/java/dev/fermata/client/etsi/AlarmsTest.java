package dev.fermata.client.etsi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import dev.fermata.v1.Notification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** By the vectors that all SDKs have. */
class AlarmsTest {
  @TestFactory
  Stream<DynamicTest> alarms() throws IOException {
    var vectors = JsonParser.parseString(Files.readString(Path.of("../../etsi/alarms.json"))).getAsJsonArray();
    return vectors.asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map(vector -> DynamicTest.dynamicTest(vector.get("name").getAsString(), () -> check(vector)));
  }

  private static void check(JsonObject vector) throws IOException {
    var notification = Notification.newBuilder();
    JsonFormat.parser().merge(vector.get("notification").toString(), notification);
    var time = Instant.parse(vector.get("time").getAsString());
    var made = new JsonArray();
    Alarms.of(notification.build(), vnf(vector.getAsJsonObject("vnf")), time).forEach(made::add);
    assertEquals(vector.get("alarms"), made);
  }

  private static Vnf vnf(JsonObject json) {
    var vnfcs = new HashMap<String, Vnfc>();
    for (var server : json.getAsJsonObject("vnfcs").entrySet()) {
      var known = server.getValue().getAsJsonObject();
      List<String> groups =
          known.has("affinityGroupIds")
              ? known.getAsJsonArray("affinityGroupIds").asList().stream().map(JsonElement::getAsString).toList()
              : List.of();
      vnfcs.put(server.getKey(), new Vnfc(text(known, "instanceId"), groups));
    }
    return new Vnf(
        json.get("instanceId").getAsString(),
        vnfcs,
        json.get("alarmsUrl").getAsString(),
        text(json, "instanceUrl"),
        text(json, "vimConnectionId"));
  }

  private static Optional<String> text(JsonObject json, String name) {
    return Optional.ofNullable(json.get(name)).map(JsonElement::getAsString);
  }
}
