"""How an owner works. What its author uses is in `fermata.owner` and `fermata.answers`."""
