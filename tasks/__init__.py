"""One Prefect task per file, named by its verb: get integrations from wiring, then call one service."""
