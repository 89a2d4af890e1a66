"""Mutation testing: mutmut changes the code in small ways, and the tests that mirror a changed file must notice."""
