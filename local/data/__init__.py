"""A folder that stores the desk between starts: `make run DATA=folder`."""
