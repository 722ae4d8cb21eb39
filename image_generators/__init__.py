"""Image backends: one file each, behind image_generator_interface.py. Nothing is imported here."""
