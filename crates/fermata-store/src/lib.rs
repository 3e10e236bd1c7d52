//! Sessions, events and subscriptions in SQLite or PostgreSQL.
