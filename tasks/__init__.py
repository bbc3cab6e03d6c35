"""One Prefect task a file, named by its verb: ask wiring, call the domain, call an integration."""
