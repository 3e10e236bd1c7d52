/** Notifications in the words of ETSI NFV, for a VNFM that hands them on. */
package dev.fermata.client.etsi;
