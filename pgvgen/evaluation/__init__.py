"""Metrics as pure functions, and the paper's tables made with them."""
