/**
 * What authors of owners (VNFMs) use: handlers that answer questions, and a runtime that sees to the rest.
 *
 * <p>{@link dev.fermata.client.owner.Owner} takes part for a project: it subscribes durably, gives each question to a handler
 * once, answers in time and only once, and acknowledges what was handled, over restarts of both sides.
 */
package dev.fermata.client.owner;
