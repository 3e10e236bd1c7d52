"""How a watch works. What its reader uses is in `fermata.watching`."""
