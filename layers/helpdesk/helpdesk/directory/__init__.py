"""Lists and changes for admins with `can_manage_directory`."""
