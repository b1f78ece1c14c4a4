"""Seals, blind index and links: the only code that touches a private key. Pure: folders and randomness are arguments.

(HPKE draws its ephemeral key from the operating system; that can't be an argument.)
"""
