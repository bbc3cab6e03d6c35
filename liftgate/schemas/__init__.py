"""The JSON Schemas that ship with Liftgate, as package data."""
