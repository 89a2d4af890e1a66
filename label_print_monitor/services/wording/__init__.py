"""Codes and IPP keywords → sentences for people, lazily translatable."""
