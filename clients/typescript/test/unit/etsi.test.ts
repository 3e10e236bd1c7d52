/** Notifications as alarms of ETSI, by the vectors that all SDKs have. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { alarms, NotificationSchema, type Vnf } from "@fermata/client";

interface Vector {
  readonly name: string;
  readonly notification: JsonValue;
  readonly vnf: Vnf;
  readonly time: string;
  readonly alarms: JsonValue;
}

// From the folder of the package, where the tests run.
const vectors = JSON.parse(readFileSync("../etsi/alarms.json", "utf8")) as Vector[];
for (const vector of vectors) {
  test(vector.name, () => {
    const made = alarms(fromJson(NotificationSchema, vector.notification), vector.vnf, new Date(vector.time));
    assert.deepEqual(JSON.parse(JSON.stringify(made)), vector.alarms);
  });
}
