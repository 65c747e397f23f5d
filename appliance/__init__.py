"""Nodo: a private AI appliance for one box."""

__version__ = "0.1.0"
