"""What the stacks are made of; each piece is safe as it comes."""
