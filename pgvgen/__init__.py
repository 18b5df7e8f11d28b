"""One photo of a person and the name of an action become a video."""
