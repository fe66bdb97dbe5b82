"""The deployment on AWS: a stack a file, each a shopping list."""
