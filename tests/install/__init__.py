"""How the addon runs beside other databases, and in the worker mode."""
