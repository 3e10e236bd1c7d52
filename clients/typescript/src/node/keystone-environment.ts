/** The `OS_*` variables, as OpenStack's clients read them. */
import type { Credentials } from "../credentials.js";
import { type Identity, keystone, type Named } from "./keystone.js";

/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Tokens of the Keystone that the `OS_*` variables name: a password with a project or the system as its scope, or an
 * application credential.
 *
 * @param environment - unset: that of this process
 * @throws Error if a variable is missing; it names the variable
 */
export function keystoneFromEnvironment(environment: Environment = process.env): Credentials {
  const caFile = environment["OS_CACERT"];
  return keystone({
    authUrl: required(environment, "OS_AUTH_URL"),
    identity: identityOf(environment),
    ...(caFile !== undefined && caFile !== "" && { caFile }),
  });
}

function identityOf(environment: Environment): Identity {
  const id = environment["OS_APPLICATION_CREDENTIAL_ID"];
  const name = environment["OS_APPLICATION_CREDENTIAL_NAME"];
  if (id || name) {
    const secret = required(environment, "OS_APPLICATION_CREDENTIAL_SECRET");
    if (id) return { kind: "application_credential", id, secret };
    return { kind: "application_credential", name: name ?? "", user: named(environment, "USER", "OS_USERNAME"), secret };
  }
  const user = named(environment, "USER", "OS_USERNAME");
  const password = required(environment, "OS_PASSWORD");
  const isSystem = environment["OS_SYSTEM_SCOPE"] === "all";
  const scope = isSystem ? "system" : { project: named(environment, "PROJECT", "OS_PROJECT_NAME") };
  return { kind: "password", user, password, scope };
}

function named(environment: Environment, what: "USER" | "PROJECT", nameVariable: string): Named {
  const id = environment[`OS_${what}_ID`];
  if (id) return { id };
  const name = required(environment, nameVariable);
  const domainId = environment[`OS_${what}_DOMAIN_ID`] || environment["OS_DEFAULT_DOMAIN"];
  const domainName = environment[`OS_${what}_DOMAIN_NAME`];
  if (domainName) return { name, domain: { name: domainName } };
  return { name, domain: { id: domainId || "default" } };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
