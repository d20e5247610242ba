"""What somebody may see and do. Values alone, asked by whoever reads or decides: the town says who has which."""
