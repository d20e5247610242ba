"""`guichet clocks`: what the law's clocks say of a history that somebody wrote down."""
