"""Training both stages: the loop, what it keeps, and the recipes it follows."""
