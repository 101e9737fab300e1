"""Questions about tickets. They only read, and ask as often for one row as for forty."""
