/**
 * Connects from Node.js, over gRPC.
 *
 * @module node
 */
export type { Environment } from "./node/keystone-environment.js";
export { keystoneFromEnvironment } from "./node/keystone-environment.js";
export { type Identity, keystone, type KeystoneOptions, type Named } from "./node/keystone.js";
export type { TlsFiles } from "./node/channel.js";
export { connect, type NodeConnectionOptions } from "./node/connect.js";
export { tokenFile } from "./node/token-file.js";
