"""The files of a new configuration repository; `@application@` and the like are filled in."""
