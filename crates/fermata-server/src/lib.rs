//! Fermata's gRPC services, session runner, event hub and telemetry.
