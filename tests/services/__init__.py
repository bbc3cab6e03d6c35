"""The use cases, over real Git and the products' own protocols."""
