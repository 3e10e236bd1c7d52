/**
 * The connection to Fermata, credentials, and errors.
 *
 * <p>{@link dev.fermata.client.Fermata#connect(String)} is where everything begins. Above it are {@code watch}, {@code owner}
 * and {@code operator}; the messages and stubs of the contract are in {@code dev.fermata.v1}.
 */
package dev.fermata.client;
