/**
 * A real Fermata on a simulated cloud, for tests of owners and operators.
 *
 * <p>The program is the one that the variable {@code FERMATA_BIN} names, else {@code fermata} on the PATH.
 */
package dev.fermata.testing;
