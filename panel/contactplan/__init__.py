"""When a member is written to, and when no more: pure rules, without Django, settings, clock or random."""
