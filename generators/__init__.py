"""The video backends, one file each."""
