"""From release 19.0.1.0.0 to the present code: its database as a file, and the update tested and measured on it."""
