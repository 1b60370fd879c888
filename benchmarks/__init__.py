"""What this transport costs beside the limit and its peers: ``make bench``."""
