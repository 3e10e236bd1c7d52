"""Three replicas, a shared database, and kill -9 at random moments. README.md tells the rest."""
