"""The composition root: the configuration becomes objects, once. Alone it knows every part."""
