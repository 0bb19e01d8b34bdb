"""JSON Schemas: of the configuration, for editors, and of the documents that commands print."""
