"""A browser without scripts, for simulated respondents: it fetches pages of this machine and sends their forms."""
