package dev.fermata.client;

/**
 * A field that is wrong, or a condition that does not hold.
 *
 * @param kind what kind of condition, for example {@code STATE}; empty for a field
 * @param subject the path of the field, for example {@code spec.window.end_time}, or what the condition is about, for example
 *     the name of a host
 * @param description what is wrong, and what would be right
 */
public record Violation(String kind, String subject, String description) {}
