"""Spam: the rules that find it, the score that decides, and what is done about it."""
