"""Plain Python behind the models: what reports mean, when to look, what to say. Nothing here needs an environment."""
