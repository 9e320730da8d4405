"""Bytes to pixels: decoding, its limits, and a decoder in a process of its own."""
