"""How a watch works. What it gives is in `fermata.watch`."""
