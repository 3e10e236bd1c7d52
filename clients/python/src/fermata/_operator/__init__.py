"""How an operator works. What its author uses is in `fermata.operator`."""
