"""The history as a file for spreadsheets."""
