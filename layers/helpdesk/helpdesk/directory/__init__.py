"""What `can_manage_directory` lets an admin list and change."""
