"""What a job is and becomes: its statuses, how a report moves it, when to look at it."""
