"""Adversarial histories of an Application, driven through the adapter and the judge in virtual time."""
