"""A folder that keeps the desk between starts: `make run DATA=folder`."""
