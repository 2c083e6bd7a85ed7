"""What surrounds a file: the other files of its project, and what was changed in them."""
