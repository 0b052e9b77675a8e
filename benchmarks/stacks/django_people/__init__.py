"""The users and products of the Django peer with logins, as an app of Django."""
