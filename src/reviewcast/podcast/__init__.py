"""Episodes become a podcast: feed, site, check, destinations."""
