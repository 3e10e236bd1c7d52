/** A VNFM of an active/standby pair, as an example of an owner. */
package dev.fermata.examples;
