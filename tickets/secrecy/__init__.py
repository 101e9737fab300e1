"""Guarding who complained: pressure and inquiries after a leak on record, the sealed hand-over, the search by telephone."""
