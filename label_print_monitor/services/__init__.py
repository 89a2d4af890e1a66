"""Plain Python behind the models: what reports mean, when to poll, the wording. Nothing here needs an environment."""
