"""The Web API's methods, by the family they belong to."""
