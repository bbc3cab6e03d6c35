"""Prefect's pages behind Liftgate's sign-in, below `/prefect/`.

The pages' programs come from Liftgate's own installation, never from the Prefect server: a page of this site can
decide in a person's name, and Prefect's server may lie. Only data comes from there, and a browser never runs it.
"""
