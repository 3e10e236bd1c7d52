/** What the other packages share. Not for use from outside; it changes without notice. */
package dev.fermata.client.internal;
