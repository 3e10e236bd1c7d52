package dev.fermata.client.watch;

import dev.fermata.v1.GoingAway;
import dev.fermata.v1.Heartbeat;

/** A message of a stream, and where it stands. At most one of the last four is set; none for a kind that is not known here. */
record Received<S, E>(Position position, S snapshot, E event, Heartbeat heartbeat, GoingAway goingAway) {}
