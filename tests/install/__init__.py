"""How the addon is installed, updated, copied and uninstalled; how it runs beside other databases and with workers."""
