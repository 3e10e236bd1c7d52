"""One conformance suite for the SDKs of all languages."""
