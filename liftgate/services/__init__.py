"""The use cases: plain functions over what they need; they know nothing of Prefect, web servers or terminals."""
