"""Masking of what identifies a person, and the check that stands before everything that leaves the office."""
