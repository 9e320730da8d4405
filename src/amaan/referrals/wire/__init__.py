"""The platforms' wire over HTTP: `/ispws`, the CyberTipline reporting API from the server's side.

It holds no rules of its own: `domain.wire` says what may happen when, `services` does it.
"""
