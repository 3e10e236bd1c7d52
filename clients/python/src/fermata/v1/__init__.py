"""Messages and stubs of fermata.v1, generated from the contract."""
