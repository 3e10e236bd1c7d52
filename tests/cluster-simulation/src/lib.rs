//! A seeded simulation of whole clusters: replicas, database, cloud, network, owners.
