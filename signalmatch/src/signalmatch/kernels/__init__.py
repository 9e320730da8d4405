"""Compiled inner loops, each with a plain twin `<name>_reference`. Where numba is: `compiling`."""
