"""Suggestions at intake: section, category, urgency and schools, each with the words that led to it."""
