"""Ollama's interface, as its version 0.33 speaks it (docs/ollama.md lists what differs)."""
