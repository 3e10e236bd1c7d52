/** What operators and NFVOs use: a session that is created, followed, and worked through, host by host. */
package dev.fermata.client.operator;
