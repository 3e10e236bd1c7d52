/**
 * The three streams of the contract, resumed after whatever cuts them.
 *
 * <p>A {@link dev.fermata.client.watch.Watch} opens its stream, passes on what comes, and opens it again after the last message
 * when the server goes away, fails, or falls silent. It ends only on what trying again cannot mend.
 */
package dev.fermata.client.watch;
