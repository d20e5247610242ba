"""The steps of a procedure that a case goes through, as pages show them."""
