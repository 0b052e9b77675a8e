"""What whoever is paged needs to be true, shown on served projects and real databases."""
