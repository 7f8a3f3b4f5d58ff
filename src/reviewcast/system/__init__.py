"""The machine: whole files, cache, network, other programs, plug-ins."""
