"""Nobody misses a deadline: daily reminders, alarms, and what time alone brings about."""
