"""What the guard asks of an answer, one question a module: each tells why the answer may not be used, or nothing."""
